import type { Board, Card, MoveResult } from '../../src/contracts/vacancies';
import { neighbour, withPendingMoves } from '../../src/web/src/pages/board/board-model';
import { moveResultLines } from '../../src/web/src/pages/board/move-result-text';

const now = '2026-03-02T10:00:00.000Z';

describe('the board while moves are on their way', () => {
  it('shows the moved card on top of its new stage, and counts it there', () => {
    const shown = withPendingMoves(
      board({ new: ['Ana', 'Ben'], interview: ['Cleo'] }),
      new Map([['Ana', 'interview']]),
      now,
    );
    expect(namesOf(shown)).toEqual({ new: ['Ben'], interview: ['Ana', 'Cleo'] });
    expect(shown.columns.map(({ total }) => total)).toEqual([1, 2]);
  });

  it('is what the server says once nothing is pending: a refusal rolls back by itself', () => {
    const server = board({ new: ['Ana'], interview: [] });
    expect(withPendingMoves(server, new Map(), now)).toBe(server);
  });

  it('changes nothing where the server has moved the card already', () => {
    const server = board({ new: [], interview: ['Ana'] });
    expect(withPendingMoves(server, new Map([['Ana', 'interview']]), now)).toBe(server);
  });
});

describe('arrow keys on the board', () => {
  const three = board({ new: ['Ana', 'Ben', 'Cleo'], screening: [], interview: ['Dora'] });

  it.each([
    ['Ana', 'down', 'Ben'],
    ['Ben', 'up', 'Ana'],
    ['Ana', 'up', null],
    ['Cleo', 'right', 'Dora'],
    ['Dora', 'left', 'Ana'],
    ['Dora', 'right', null],
  ] as const)('from %s %s to %s', (from, direction, to) => {
    expect(neighbour(three, from, direction)?.name ?? null).toBe(to);
  });
});

describe('R-AUTO-2: the answer to a move says what is sent', () => {
  it('one sentence for one candidate', () => {
    expect(moveResultLines(result([sent('Ana')]), true)).toEqual(['WhatsApp: “invitation” will be sent.']);
    expect(moveResultLines(result([notSent('Ana')]), true)).toEqual(['WhatsApp: not sent. No consent.']);
  });

  it('counts by template and by reason for many', () => {
    expect(moveResultLines(result([notSent('Ana'), sent('Ben'), sent('Cleo')]), true)).toEqual([
      'WhatsApp: “invitation” goes to 2.',
      'WhatsApp: not sent to 1. No consent.',
    ]);
  });

  it('says so when the stage sends nothing, and when the actions were left out', () => {
    expect(moveResultLines({ ...result([]), moved: 1 }, true)).toEqual(['Nothing is sent in this stage.']);
    expect(moveResultLines({ ...result([]), moved: 1, unchanged: 2 }, false)).toEqual([
      '2 were there already.',
      'The automatic actions were skipped.',
    ]);
  });
});

function board(columns: Record<string, string[]>): Board {
  return {
    vacancy: {
      id: 'vacancy',
      externalId: null,
      title: 'Nurse',
      status: 'open',
      notificationEmails: [],
      users: [],
      stages: Object.keys(columns).map((id, position) => ({
        id,
        externalId: null,
        name: id,
        position,
        actionCount: 0,
      })),
    },
    rejected: 0,
    withdrawn: 0,
    columns: Object.entries(columns).map(([stageId, names]) => ({
      stageId,
      total: names.length,
      nextCursor: null,
      cards: names.map((name): Card => ({
        applicationId: name,
        personId: name,
        conversationId: name,
        name,
        stageId,
        enteredAt: '2026-03-01T10:00:00.000Z',
        unanswered: false,
        lastMessage: null,
      })),
    })),
  };
}

function namesOf(shown: Board): Record<string, string[]> {
  return Object.fromEntries(
    shown.columns.map(({ stageId, cards }) => [stageId, cards.map(({ name }) => name)]),
  );
}

type Planned = MoveResult['planned'][number];

function result(planned: Planned[]): MoveResult {
  return { moveId: 'move', moved: planned.length, unchanged: 0, planned };
}

function sent(applicationId: string): Planned {
  return {
    applicationId,
    channel: 'whatsapp',
    templateName: 'invitation',
    dueAt: '2026-01-01T00:00:00.000Z',
    quiet: false,
    willSend: true,
    reason: null,
    reasonText: null,
  };
}

function notSent(applicationId: string): Planned {
  return { ...sent(applicationId), willSend: false, reason: 'no_consent', reasonText: 'No consent.' };
}

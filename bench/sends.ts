import { requestJson } from './http';
import { atRate, inLanes } from './figures';
import type { Company } from './company';
import type { Platform } from './platform';

type Arrival = { at: string; callbackData: string };

/** Opens every window: a person who has just written may be answered in free text. */
export async function openWindows(platform: Platform, company: Company): Promise<void> {
  await inLanes(company.people.length, 16, async (index) => {
    const { waId } = company.people[index]!;
    const path = `/sandbox/phones/${waId}/send`;
    const body = { text: 'Good morning', phoneNumberId: company.account.phoneNumberId };
    await requestJson(platform.sandboxUrl, 'POST', path, { body });
  });
  await inLanes(company.people.length, 16, (index) =>
    until('the messages have come in', async () => {
      const { windowUntil } = await requestJson<{ windowUntil: string | null }>(
        platform.apiUrl,
        'GET',
        `/api/v1/conversations/${company.people[index]!.conversationId}`,
        { apiKey: company.apiKey },
      );
      return windowUntil !== null;
    }),
  );
}

/** Sends per second from the first request to the last arrival at the provider, `callers` at once. */
export async function sendRate(
  platform: Platform,
  company: Company,
  count: number,
  callers: number,
): Promise<number> {
  const before = Date.now();
  const accepted = new Map<string, number>();
  await inLanes(count, callers, (index) => send(platform, company, index, accepted));
  const arrivals = await arrivalsOf(platform, company, accepted);
  const last = Math.max(...arrivals.values());
  return (count * 1000) / (last - before);
}

/** Milliseconds from the acceptance of a message to its arrival at the provider, at a given load. */
export async function sendLatencies(
  platform: Platform,
  company: Company,
  perSecond: number,
  seconds: number,
): Promise<number[]> {
  const accepted = new Map<string, number>();
  await atRate(perSecond, seconds, (index) => send(platform, company, index, accepted));
  const arrivals = await arrivalsOf(platform, company, accepted);
  return [...accepted].map(([id, at]) => Math.max(0, arrivals.get(id)! - at));
}

async function send(
  platform: Platform,
  company: Company,
  index: number,
  accepted: Map<string, number>,
): Promise<void> {
  const { conversationId } = company.people[index % company.people.length]!;
  const { id } = await requestJson<{ id: string }>(
    platform.apiUrl,
    'POST',
    `/api/v1/conversations/${conversationId}/messages`,
    {
      apiKey: company.apiKey,
      body: { type: 'text', text: `Message ${index}`, actingUserId: company.userId },
    },
  );
  accepted.set(id, Date.now());
}

/** When each message reached the provider, by our id; every one must have, and none twice. */
async function arrivalsOf(
  platform: Platform,
  company: Company,
  accepted: Map<string, number>,
): Promise<Map<string, number>> {
  const arrivals = new Map<string, number>();
  await until(`${accepted.size} messages have reached the provider`, async () => {
    arrivals.clear();
    for (const { waId } of company.people) {
      const answer = await requestJson<{ data: Arrival[] }>(
        platform.sandboxUrl,
        'GET',
        `/sandbox/phones/${waId}/messages?limit=1000`,
      );
      for (const { at, callbackData } of answer.data) {
        if (!accepted.has(callbackData)) continue;
        if (arrivals.has(callbackData)) throw new Error('a message reached the provider twice');
        arrivals.set(callbackData, Date.parse(at));
      }
    }
    return arrivals.size === accepted.size;
  });
  return arrivals;
}

export async function until(
  what: string,
  check: () => Promise<boolean>,
  { withinMs = 60_000, everyMs = 250 } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

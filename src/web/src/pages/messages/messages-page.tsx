import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, type ReactNode } from 'react';
import { useParams } from 'wouter';
import type { CandidatePage } from '../../../../contracts/candidate-pages';
import { say } from '../../../../domain/words';
import { ApiError, call } from '../../api';
import { dayKey } from '../../format';
import { refresh } from '../../queries';
import { AwaitedPublicPage, BrandLogo, brandStyle, Button, usePageTitle } from '../../ui';
import { languageOfBrowser } from '../language-of-browser';
import { Bubble } from './bubble';
import { Composer } from './composer';
import { LinkGone } from './link-gone';

const route = 'GET /api/v1/candidate-pages/{token}';

/** R-MAIL-1: where a candidate reads the messages about one vacancy and answers them, without an account. */
export function MessagesPage() {
  const { token = '' } = useParams<{ token: string }>();
  const query = useInfiniteQuery({
    queryKey: [route, { params: { token } }],
    queryFn: ({ pageParam, signal }) =>
      call(route, { params: { token }, query: { cursor: pageParam } }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const error = query.error instanceof ApiError ? query.error : null;
  const page = query.data?.pages[0];
  const language = page?.language ?? languageOfBrowser();
  const gone = error?.status === 404;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useLiveUpdates(token, page !== undefined && !gone);

  if (gone) return <LinkGone token={token} language={language} />;
  if (!page)
    return (
      <AwaitedPublicPage
        title={say(language, 'newLinks.general')}
        query={{ error, refetch: query.refetch }}
        gone={{ title: say(language, 'page.goneTitle'), text: say(language, 'page.gone') }}
      />
    );
  const messages = query.data!.pages.flatMap(({ items }) => items).reverse();
  return (
    <Shown
      token={token}
      page={page}
      messages={messages}
      older={
        query.hasNextPage && (
          <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {say(language, 'page.older')}
          </Button>
        )
      }
    />
  );
}

function Shown({
  token,
  page,
  messages,
  older,
}: {
  token: string;
  page: CandidatePage;
  messages: CandidatePage['items'];
  older: ReactNode;
}) {
  const { companyName: company, brand, language, vacancyTitle, mayWrite, contactEmail } = page;
  const log = useRef<HTMLDivElement>(null);
  usePageTitle(say(language, 'page.title', { company }));
  const toNewest = () => log.current?.scrollTo({ top: 0 });
  return (
    <div className="flex h-dvh flex-col" style={brandStyle(brand)}>
      <header
        className="shrink-0 border-b border-line bg-surface px-4 py-3"
        style={brand.color === null ? undefined : { borderTop: `4px solid ${brand.color}` }}
      >
        <div className="mx-auto max-w-2xl">
          <BrandLogo brand={brand} company={company} className="mb-2" />
          <h1 className="font-display text-xl leading-tight font-semibold break-words">
            {say(language, 'page.title', { company })}
          </h1>
          {vacancyTitle !== null && <p className="break-words text-ink-2">{vacancyTitle}</p>}
        </div>
      </header>
      <main className="flex min-h-0 flex-1 flex-col">
        {/* upside down: it stands at its end, and stays where it is when earlier messages come */}
        <div
          ref={log}
          role="log"
          aria-label={say(language, 'newLinks.general')}
          tabIndex={0}
          className="scroll-y flex min-h-0 flex-1 flex-col-reverse px-3 py-4"
        >
          <div className="mx-auto w-full max-w-2xl">
            {older && <p className="mb-3 text-center">{older}</p>}
            {messages.length === 0 && (
              <p className="py-8 text-center text-ink-2">{say(language, 'page.none')}</p>
            )}
            <ol className="space-y-2">
              {messages.map((message, index) => (
                <Bubble
                  key={message.id}
                  token={token}
                  page={page}
                  message={message}
                  newDay={
                    index === 0 || dayKey(messages[index - 1]!.occurredAt) !== dayKey(message.occurredAt)
                  }
                />
              ))}
            </ol>
          </div>
        </div>
        <div className="shrink-0 border-t border-line bg-surface px-3 py-3">
          <div className="mx-auto max-w-2xl">
            {mayWrite ? (
              <Composer token={token} language={language} onSent={toNewest} />
            ) : (
              <div role="status" className="rounded-xl bg-sunken px-4 py-3">
                <p className="font-medium">{say(language, 'page.rejected')}</p>
                {contactEmail !== null && <TurnTo language={language} contact={contactEmail} />}
              </div>
            )}
          </div>
        </div>
      </main>
    </div>
  );
}

/** R-MAIL-3: whom to write to instead. */
function TurnTo({ language, contact }: { language: CandidatePage['language']; contact: string }) {
  const [before = '', after = ''] = say(language, 'page.turnTo', { contact: '\n' }).split('\n');
  return (
    <p>
      {before}
      <a className="break-words underline underline-offset-2" href={`mailto:${contact}`}>
        {contact}
      </a>
      {after}
    </p>
  );
}

/** Reads the page again whenever it shows something else, and after each pause of the stream. */
function useLiveUpdates(token: string, open: boolean): void {
  useEffect(() => {
    if (!open) return;
    const stream = new EventSource(`/api/v1/candidate-pages/${encodeURIComponent(token)}/live`);
    let opened = false;
    stream.onopen = () => {
      if (opened) refresh(route);
      opened = true;
    };
    stream.onmessage = () => refresh(route);
    return () => stream.close();
  }, [token, open]);
}

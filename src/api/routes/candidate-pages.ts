import {
  listCandidatePages,
  renewLinks,
  revokeCandidatePage,
  type RenewedLinks,
} from '../../data/candidate-pages/candidate-page-links';
import {
  noSuchLink,
  openPage,
  readCandidatePage,
  readPageFile,
  readPageMessage,
  readPageState,
} from '../../data/candidate-pages/candidate-page-read';
import {
  assertMayWrite,
  receivePageMessage,
  storePageFile,
} from '../../data/candidate-pages/candidate-page-write';
import { resolveReference } from '../../data/visibility';
import { brandInMail } from '../../domain/brand';
import { candidatePageUrl, readCandidatePageToken } from '../../domain/candidate-page-link';
import { maxCandidateFileBytes } from '../../domain/media-rules';
import type { AppDeps } from '../deps';
import { readUpload, sendFile } from '../files';
import type { Handlers } from '../handlers';
import { newLinksMail } from '../mails';
import { createApplicationLimit, createKeyLimit, createSignInLimit } from '../rate-limit';

/** Per page and quarter of an hour. */
const messagesPerPage = 60;
const filesPerPage = 60;
/** Links that work no more, per network and quarter of an hour. */
const wrongLinksPerIp = 200;
const linksPerAddress = 3;

/** On a candidate page only pictures are shown; everything else is downloaded. */
const pictures = /^image\/(png|jpeg|webp|gif)$/;

export function candidatePageHandlers({
  config,
  db: database,
  hashKey,
  live,
  logger,
  mailer,
  linksPerIp,
}: AppDeps) {
  const linkOf = (token: string) => {
    const link = readCandidatePageToken(hashKey, token);
    if (!link) throw noSuchLink();
    return link;
  };
  const pageOf = ({ params }: { params: unknown }) => linkOf((params as { token: string }).token).pageId;
  const messageLimit = createKeyLimit(messagesPerPage, pageOf);
  const fileLimit = createKeyLimit(filesPerPage, pageOf);
  const wrongLimit = createSignInLimit(wrongLinksPerIp);
  const askLimit = createApplicationLimit(linksPerIp);
  const addressLimit = createKeyLimit(linksPerAddress, ({ body }) =>
    (body as { email: string }).email.trim().toLowerCase(),
  );

  return {
    'GET /api/v1/candidate-pages/{token}': async ({ params, query, db, req, res }) => {
      await wrongLimit(req, res);
      return readCandidatePage(db, linkOf(params.token), query);
    },

    'GET /api/v1/candidate-pages/{token}/live': async ({ params, db, req, res }) => {
      const link = linkOf(params.token);
      const page = await readPageState(db, link);
      live.openPage(page, () => readPageState(db, link), req, res);
    },

    'POST /api/v1/candidate-pages/{token}/messages': {
      whose: ({ token }) => {
        const link = readCandidatePageToken(hashKey, token);
        return link && { organizationId: link.organizationId, caller: `page:${link.pageId}` };
      },
      run: async ({ params, body, db, req, res }) => {
        const link = linkOf(params.token);
        await messageLimit(req, res);
        return readPageMessage(db, link, await receivePageMessage(db, link, body));
      },
      replay: ({ params, db }, { resourceId }) => readPageMessage(db, linkOf(params.token), resourceId),
    },

    'POST /api/v1/candidate-pages/{token}/media': async ({ params, query, db, req, res }) => {
      const link = linkOf(params.token);
      await fileLimit(req, res);
      // before the bytes are read
      assertMayWrite(await openPage(db, link, await db.now()));
      return storePageFile(db, link, { ...(await readUpload(req, maxCandidateFileBytes)), ...query });
    },

    'GET /api/v1/candidate-pages/{token}/media/{mediaId}': async ({ params, db, req, res }) =>
      sendFile(req, res, await readPageFile(db, linkOf(params.token), params.mediaId), pictures),

    'POST /api/v1/candidate-pages/links': async ({ body, req, res }) => {
      mailer.assertConfigured();
      await askLimit(req, res);
      await addressLimit(req, res);
      const link = readCandidatePageToken(hashKey, body.token);
      // after the answer, whose time says nothing either
      if (link)
        res.once('finish', () => {
          renewLinks(database, link, body.email)
            .then((renewed) => renewed && sendLinks(body.email, renewed))
            .catch((error: unknown) => {
              const { code } = (error ?? {}) as { code?: unknown };
              logger.error(
                { organizationId: link.organizationId, code },
                'new links of a candidate page were not sent',
              );
            });
        });
      return { asked: true as const };
    },

    'GET /api/v1/people/{personId}/candidate-pages': async ({ actor, params, db }) => {
      const personId = await resolveReference(db, actor, 'person', params.personId);
      return { items: await listCandidatePages(db, actor, personId) };
    },

    'POST /api/v1/people/{personId}/candidate-pages/{candidatePageId}/revoke': async ({
      actor,
      params,
      db,
    }) => {
      const personId = await resolveReference(db, actor, 'person', params.personId);
      await revokeCandidatePage(db, actor, personId, params.candidatePageId);
    },
  } satisfies Partial<Handlers>;

  async function sendLinks(to: string, { links, brand, ...facts }: RenewedLinks): Promise<void> {
    const pages = links.map(({ vacancyTitle, ...link }) => ({
      vacancyTitle,
      url: candidatePageUrl(config.publicUrl, hashKey, link),
    }));
    const look = brandInMail(brand, config.publicUrl);
    await mailer.send(newLinksMail({ to, ...facts, brand: look, pages }));
  }
}

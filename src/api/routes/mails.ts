import {
  attachFile,
  changeDraft,
  createDraft,
  detachFile,
  discardDraft,
  sendDraft,
} from '../../data/mail/drafts';
import { changeMail, fileByHand, unfile } from '../../data/mailboxes/mailbox-commands';
import { countTrash, deleteThreads, emptyTrash } from '../../data/mail/delete-mails';
import { changeMails } from '../../data/mail/mail-changes';
import { changeThreads, listThreads } from '../../data/mail/mail-threads';
import {
  countMails,
  listMails,
  readAttachment,
  readAttachments,
  readMail,
  readMailHtml,
  readRaw,
  readThread,
} from '../../data/mail/mailbox-read';
import type { AppDeps } from '../deps';
import { readUpload, sendFile } from '../files';
import type { Handlers } from '../handlers';
import { htmlForPrint, sendMailHtml } from '../mail-html';
import { zipOf } from '../zip';

const uploadBytesAtMost = 25 * 1024 * 1024;

/** R-BOX-7: the mailbox of whoever is signed in, and nobody else's. */
export function mailHandlers({ config: { mailDomain }, hashKey }: AppDeps) {
  return {
    'GET /api/v1/mails': ({ actor, query, db }) => listMails(db, actor, query),

    'PATCH /api/v1/mails': ({ actor, body, db }) => changeMails(db, actor, body.mails),

    'GET /api/v1/mail-threads': ({ actor, query, db }) => listThreads(db, actor, query),

    'PATCH /api/v1/mail-threads': async ({ actor, body: { threads, ...change }, db }) => ({
      before: await changeThreads(db, actor, threads, change),
    }),

    'POST /api/v1/mail-threads/delete': ({ actor, body, db }) => deleteThreads(db, actor, body.threads),

    'GET /api/v1/mails/trash': ({ actor, db }) => countTrash(db, actor),

    'DELETE /api/v1/mails/trash': ({ actor, db }) => emptyTrash(db, actor),

    'GET /api/v1/mails/counts': async ({ actor, db }) => ({ folders: await countMails(db, actor) }),

    'GET /api/v1/mails/{mailId}': ({ actor, params, db }) => readMail(db, actor, params.mailId),

    'GET /api/v1/mails/{mailId}/thread': async ({ actor, params, db }) => ({
      items: await readThread(db, actor, params.mailId),
    }),

    'GET /api/v1/mails/{mailId}/html': async ({ actor, params: { mailId }, query, db, res }) => {
      if (!query.print)
        return sendMailHtml(res, { ...(await readMailHtml(db, actor, mailId)), remote: query.pictures });
      const mail = await readMail(db, actor, mailId);
      const { html, pictures } = mail.hasHtml
        ? await readMailHtml(db, actor, mailId)
        : { html: null, pictures: [] };
      const { subject } = mail;
      sendMailHtml(res, { html: htmlForPrint(mail, html), subject, pictures, remote: query.pictures });
    },

    'GET /api/v1/mails/{mailId}/raw': async ({ actor, params, db, req, res }) =>
      sendFile(req, res, await readRaw(db, actor, params.mailId)),

    'GET /api/v1/mails/{mailId}/attachments': async ({ actor, params, db, req, res }) => {
      const { subject, at, files } = await readAttachments(db, actor, params.mailId);
      sendFile(req, res, {
        bytes: zipOf(files, at),
        mimeType: 'application/zip',
        filename: `${subject.slice(0, 80) || 'attachments'}.zip`,
      });
    },

    'GET /api/v1/mails/{mailId}/attachments/{attachmentId}': async ({ actor, params, db, req, res }) =>
      sendFile(req, res, await readAttachment(db, actor, params)),

    'PATCH /api/v1/mails/{mailId}': async ({ actor, params, body, db }) => {
      await changeMail(db, actor, params.mailId, body);
      return readMail(db, actor, params.mailId);
    },

    'POST /api/v1/mails/{mailId}/filings': async ({ actor, params, body, db }) => {
      await fileByHand(db, actor, params.mailId, body.personId);
      return readMail(db, actor, params.mailId);
    },

    'DELETE /api/v1/mails/{mailId}/filings/{personId}': async ({ actor, params, db }) => {
      await unfile(db, actor, params.mailId, params.personId);
      return readMail(db, actor, params.mailId);
    },

    'POST /api/v1/mails': {
      run: async ({ actor, body, db }) =>
        readMail(db, actor, (await createDraft(db, { actor, mailDomain }, body)).id),
      replay: ({ actor, db }, { resourceId }) => readMail(db, actor, resourceId),
    },

    'PUT /api/v1/mails/{mailId}/draft': async ({ actor, params, body, db }) => {
      await changeDraft(db, { actor, mailDomain }, params.mailId, body);
      return readMail(db, actor, params.mailId);
    },

    'DELETE /api/v1/mails/{mailId}/draft': ({ actor, params, query, db }) =>
      discardDraft(db, actor, params.mailId, query.version),

    'POST /api/v1/mails/{mailId}/attachments': async ({ actor, params, query, db, req }) => {
      await readMail(db, actor, params.mailId);
      const file = await readUpload(req, uploadBytesAtMost);
      await attachFile(db, actor, params.mailId, { ...file, ...query });
      return readMail(db, actor, params.mailId);
    },

    'DELETE /api/v1/mails/{mailId}/attachments/{attachmentId}': async ({ actor, params, db }) => {
      await detachFile(db, actor, params);
      return readMail(db, actor, params.mailId);
    },

    'POST /api/v1/mails/{mailId}/send': {
      run: async ({ actor, params, body, db }) => {
        const { id } = await sendDraft(db, { actor, mailDomain }, params.mailId, body, hashKey);
        return readMail(db, actor, id);
      },
      replay: ({ actor, db }, { resourceId }) => readMail(db, actor, resourceId),
    },
  } satisfies Partial<Handlers>;
}

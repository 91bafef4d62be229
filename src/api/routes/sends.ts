import { changeBulkSend, createBulkSend, listBulkSends, readBulkSend } from '../../data/bulk/bulk-sends';
import { bulkRecipientsCsv, listBulkRecipients, readBulkSendDetail } from '../../data/bulk/bulk-recipients';
import { findRecipients, previewSend } from '../../data/bulk/send-preview';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';
import { sendCsv } from '../send-csv';

export function sendHandlers({ config: { dayMs } }: AppDeps) {
  return {
    'POST /api/v1/sends/preview': ({ actor, body, db }) => previewSend(db, { actor, dayMs }, body),
    'POST /api/v1/sends/recipients': ({ actor, body, db }) => findRecipients(db, actor, body),
    'POST /api/v1/bulk-sends': {
      run: async ({ actor, body, db }) => readBulkSend(db, actor, (await createBulkSend(db, actor, body)).id),
      replay: ({ actor, db }, { resourceId }) => readBulkSend(db, actor, resourceId),
    },
    'GET /api/v1/bulk-sends': ({ actor, query, db }) => listBulkSends(db, actor, query),
    'GET /api/v1/bulk-sends/{bulkSendId}': ({ actor, params, db }) =>
      readBulkSendDetail(db, actor, params.bulkSendId),
    'POST /api/v1/bulk-sends/{bulkSendId}/pause': ({ actor, params, db }) =>
      changeBulkSend(db, actor, params.bulkSendId, 'paused'),
    'POST /api/v1/bulk-sends/{bulkSendId}/resume': ({ actor, params, db }) =>
      changeBulkSend(db, actor, params.bulkSendId, 'running'),
    'POST /api/v1/bulk-sends/{bulkSendId}/cancel': ({ actor, params, db }) =>
      changeBulkSend(db, actor, params.bulkSendId, 'cancelled'),
    'GET /api/v1/bulk-sends/{bulkSendId}/recipients': ({ actor, params, query, db }) =>
      listBulkRecipients(db, actor, params.bulkSendId, query),
    'GET /api/v1/bulk-sends/{bulkSendId}/recipients/csv': ({ actor, params, query, db, res }) =>
      sendCsv(res, 'recipients.csv', bulkRecipientsCsv(db, actor, params.bulkSendId, query)),
  } satisfies Partial<Handlers>;
}

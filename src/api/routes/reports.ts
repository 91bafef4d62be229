import { listReport, reportCsv, summarizeReport } from '../../data/reports';
import type { Handlers } from '../handlers';
import { sendCsv } from '../send-csv';

export function reportHandlers() {
  return {
    'GET /api/v1/reports/messages': ({ actor, query, db }) => listReport(db, actor, query),
    'GET /api/v1/reports/messages/summary': ({ actor, query, db }) => summarizeReport(db, actor, query),
    'GET /api/v1/reports/messages/csv': ({ actor, query, db, res }) =>
      sendCsv(res, 'messages.csv', reportCsv(db, actor, query)),
  } satisfies Partial<Handlers>;
}

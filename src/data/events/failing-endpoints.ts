import type { Database } from '../database';

export type FailingEndpoint = {
  organizationId: string;
  id: string;
  name: string;
  url: string;
  organization: string;
  administrators: string[];
  /** Stopped by Parley. */
  disabled: boolean;
  toldAt: Date;
};

/** Those whose Administrators were told in the app, and have still to hear of it by mail. */
export async function endpointsToMail(db: Database): Promise<FailingEndpoint[]> {
  return db.query<FailingEndpoint>(
    `select w.organization_id as "organizationId", w.id, w.name, w.url, o.name as organization,
       array_agg(u.email order by u.email) as administrators, w.disabled_at is not null as disabled, w.told_at as "toldAt"
     from webhook_endpoints w join organizations o on o.id = w.organization_id
     join users u on u.organization_id = o.id and u.role = 'administrator' and u.deactivated_at is null
     where w.told_at is not null and w.mailed_at is null and (w.paused_at is null or w.disabled_at is not null)
     group by w.organization_id, w.id, o.name limit 100`,
  );
}

/** If it was stopped meanwhile, that is still to be told. */
export async function noteEndpointMailed(db: Database, endpoint: FailingEndpoint): Promise<void> {
  await db.query(
    'update webhook_endpoints set mailed_at = $4 where organization_id = $1 and id = $2 and told_at = $3',
    [endpoint.organizationId, endpoint.id, endpoint.toldAt, await db.now()],
  );
}

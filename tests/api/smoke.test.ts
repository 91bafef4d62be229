import { createApi, type Api } from './support';

let api: Api;
beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

it('walks the plain resources', async () => {
  const company = await api.world.company();
  const admin = await api.signIn(company, company.users.administrator);
  const show = async (test: PromiseLike<{ status: number; body: unknown; text: string }>, status = 200) => {
    const res = await test;
    if (res.status !== status) throw new Error(`${res.status} ${res.text}`);
    return res.body as any;
  };
  await show(admin.get('/api/v1/me'));
  await show(admin.get('/api/v1/users'));
  const person = await show(
    admin.post('/api/v1/people', {
      firstName: 'Ana',
      lastName: 'Ruiz',
      externalId: 'a1',
      contactPoints: [
        { kind: 'phone', value: '612 345 678' },
        { kind: 'email', value: 'Ana@Example.com' },
      ],
      consents: [{ channel: 'whatsapp', evidence: 'form' }],
    }),
    201,
  );
  expect(person.contactPoints[0]).toMatchObject({ key: '+34612345678', phoneType: 'mobile' });
  await show(admin.get('/api/v1/people?q=ruiz'));
  await show(admin.get('/api/v1/people/ext:a1'));
  await show(
    admin.patch('/api/v1/people/ext:a1', { responsibleUserId: company.users.recruiter.id, tags: ['x'] }),
  );
  const vacancy = await show(admin.post('/api/v1/vacancies', { title: 'Cook', externalId: 'v1' }), 201);
  await show(admin.get('/api/v1/vacancies'));
  await show(admin.post('/api/v1/vacancies/ext:v1/stages', { name: 'Extra' }), 201);
  await show(admin.patch(`/api/v1/stages/${vacancy.stages[1].id}`, { name: 'Talk', position: 0 }));
  const application = await show(
    admin.post('/api/v1/applications', { personId: 'ext:a1', vacancyId: 'ext:v1', externalId: 'app1' }),
    201,
  );
  await show(admin.get('/api/v1/applications/ext:app1'));
  const move = await show(
    admin.post(
      '/api/v1/applications/ext:app1/move',
      { stageId: vacancy.stages[2].id },
      { 'Idempotency-Key': 'k1' },
    ),
  );
  expect(
    await show(
      admin.post(
        '/api/v1/applications/ext:app1/move',
        { stageId: vacancy.stages[2].id },
        { 'Idempotency-Key': 'k1' },
      ),
    ),
  ).toEqual(move);
  await show(admin.get(`/api/v1/vacancies/ext:v1/board`));
  await show(admin.get(`/api/v1/people/ext:a1/timeline`));
  await show(
    admin.post(`/api/v1/people/ext:a1/notes`, { body: 'Nice', visibleTo: [company.users.recruiter.id] }),
    201,
  );
  await show(admin.get(`/api/v1/people/ext:a1/notes`));
  const recruiter = await api.signIn(company, company.users.recruiter);
  const notifications = await show(recruiter.get('/api/v1/notifications'));
  expect(notifications.items).toHaveLength(1);
  await show(recruiter.post('/api/v1/notifications/seen', { upToId: notifications.items[0].id }), 204);
  await show(admin.get('/api/v1/credits'));
  const templateId = await company.template();
  await show(admin.get('/api/v1/templates'));
  await show(admin.get(`/api/v1/templates/${templateId}`));
  await show(admin.post(`/api/v1/templates/${templateId}/preview`, { personId: person.id }));
  const action = await show(
    admin.post(`/api/v1/stages/${vacancy.stages[0].id}/actions`, { templateId, channels: ['whatsapp'] }),
    201,
  );
  await show(admin.get(`/api/v1/stages/${vacancy.stages[0].id}/actions`));
  await show(admin.delete(`/api/v1/stages/${vacancy.stages[0].id}/actions/${action.id}`), 204);
  await show(admin.get('/api/v1/channels'));
  await show(admin.get(`/api/v1/conversations`));
  await show(admin.get(`/api/v1/conversations/counts`));
  await show(admin.get(`/api/v1/people/${person.id}/conversation`));
  await show(admin.get(`/api/v1/conversations/${application.conversationId}/messages`));
  await show(admin.get('/api/v1/employers'));
  await show(admin.post('/api/v1/employers', { name: 'Acme', externalId: 'e1' }), 201);
  await show(admin.patch('/api/v1/employers/ext:e1', { name: 'Acme 2' }));
  await show(admin.post('/api/v1/api-keys', { name: 'k', scopes: ['people:read'] }), 201);
  await show(admin.get('/api/v1/api-keys'));
  await show(
    admin.post('/api/v1/users', { email: 'New@x.com', firstName: 'N', lastName: 'N', role: 'recruiter' }),
    201,
  );
  await show(admin.post(`/api/v1/users/${company.users.recruiter.id}/deactivate`, {}), 200);
  await show(admin.delete('/api/v1/session'), 204);
  await show(admin.get('/api/v1/me'), 401);
  await show(api.anonymous.get('/readyz'));
  await show(api.anonymous.get('/openapi.json'));
  await show(api.anonymous.get('/docs'));
});

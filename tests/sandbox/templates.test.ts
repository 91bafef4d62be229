import { ana, type Harness, type Json, startHarness } from './harness';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
  harness.control.createTemplate({
    wabaId: harness.account.wabaId,
    name: 'invitation',
    language: 'en',
    category: 'UTILITY',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'For {{1}}' },
      { type: 'BODY', text: 'Hello {{1}}, come on {{2}}.' },
      { type: 'FOOTER', text: 'Bakery' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Yes' },
          { type: 'URL', text: 'See', url: 'https://example.com/{{1}}' },
        ],
      },
    ],
  });
});
afterEach(() => harness.stop());

const texts = (...values: unknown[]) => values.map((text) => ({ type: 'text', text }));
const header = { type: 'header', parameters: texts('Ana') };
const body = { type: 'body', parameters: texts('Ana', 'Monday') };
const link = { type: 'button', sub_type: 'url', index: '1', parameters: texts('77') };

describe('sending a template', () => {
  it('shows the filled text with its buttons on the phone', async () => {
    const payload = {
      type: 'button',
      sub_type: 'quick_reply',
      index: 0,
      parameters: [{ type: 'payload', payload: 'y' }],
    };
    expect((await harness.template('invitation', [header, body, link, payload])).status).toBe(200);
    expect(harness.control.messages({ number: ana })).toMatchObject([
      {
        text: 'For Ana\nHello Ana, come on Monday.\nBakery',
        content: {
          buttons: [
            { type: 'QUICK_REPLY', text: 'Yes', payload: 'y' },
            { type: 'URL', text: 'See', url: 'https://example.com/77' },
          ],
        },
      },
    ]);
  });

  it.each<[string, Json[], number]>([
    ['too few parameters', [header, { type: 'body', parameters: texts('Ana') }, link], 132000],
    ['too many parameters', [header, { type: 'body', parameters: texts('a', 'b', 'c') }, link], 132000],
    ['no header parameter', [body, link], 132000],
    ['an empty parameter', [header, { type: 'body', parameters: texts('', 'x') }, link], 131008],
    ['a line break', [header, { type: 'body', parameters: texts('a\nb', 'x') }, link], 132018],
    [
      'a picture for a text',
      [header, { type: 'body', parameters: [{ type: 'image' }, { type: 'image' }] }, link],
      132012,
    ],
    ['too long a text', [header, { type: 'body', parameters: texts('x'.repeat(1024), 'x') }, link], 132005],
    ['no parameter for the link', [header, body], 131008],
    ['the wrong kind of button', [header, body, { ...link, sub_type: 'quick_reply' }], 132012],
  ])('refuses %s', async (_name, components, code) => {
    const answer = await harness.template('invitation', components);
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe(code);
  });

  it('refuses a template that is not there, in this language, or for this company', async () => {
    expect(await harness.template('nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 132001 } },
    });
    expect((await harness.template('invitation', [], 'es')).body.error).toMatchObject({
      code: 132001,
      error_data: { details: 'template name (invitation) does not exist in es' },
    });
  });

  it.each([
    ['PENDING', 132001],
    ['REJECTED', 132001],
    ['PAUSED', 132015],
    ['DISABLED', 132016],
  ] as const)('refuses one that is %s', async (status, code) => {
    const { id } = harness.control
      .templates(harness.account.wabaId)
      .find(({ name }) => name === 'invitation')!;
    harness.control.setTemplateStatus(id, { status });
    expect((await harness.template('invitation', [header, body, link])).body.error.code).toBe(code);
  });

  it('fills named parameters by name', async () => {
    harness.control.createTemplate({
      wabaId: harness.account.wabaId,
      name: 'named',
      language: 'en',
      parameterFormat: 'NAMED',
      components: [{ type: 'BODY', text: 'Hello {{first}} {{last}}!' }],
    });
    const named = (parameters: Json[]) => harness.template('named', [{ type: 'body', parameters }]);
    await named([
      { type: 'text', parameter_name: 'last', text: 'Ruiz' },
      { type: 'text', parameter_name: 'first', text: 'Ana' },
    ]);
    expect(harness.control.messages({ number: ana })[0]?.text).toBe('Hello Ana Ruiz!');
    expect((await named(texts('Ana', 'Ruiz'))).body.error.code).toBe(100);
  });

  it('is not delivered to somebody who stopped marketing: 131050', async () => {
    harness.control.createTemplate({
      wabaId: harness.account.wabaId,
      name: 'offer',
      language: 'en',
      category: 'MARKETING',
      components: [{ type: 'BODY', text: 'Buy!' }],
    });
    harness.control.marketing(ana, { phoneNumberId: harness.account.id, value: 'stop' });
    await harness.template('offer');
    await harness.control.settled();
    expect(harness.endpoint.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131050 }] }]);
    harness.control.marketing(ana, { phoneNumberId: harness.account.id, value: 'resume' });
    await harness.template('offer');
    await harness.control.settled();
    expect(harness.endpoint.statuses().at(-1)).toMatchObject({
      status: 'delivered',
      pricing: { billable: true, category: 'marketing', pricing_model: 'PMP', type: 'regular' },
    });
  });
});

describe('managing templates', () => {
  const templates = () => `${harness.account.wabaId}/message_templates`;
  const reminder = {
    name: 'reminder',
    language: 'en',
    category: 'UTILITY',
    components: [{ type: 'BODY', text: 'Hello {{1}}, see you!', example: { body_text: [['Ana']] } }],
  };

  it('creates one that waits for approval, and tells the decision by webhook', async () => {
    const { body: created } = await harness.graph('POST', templates(), reminder);
    expect(created).toEqual({ id: expect.any(String) as string, status: 'PENDING', category: 'UTILITY' });
    harness.control.setTemplateStatus(String(created.id), { status: 'REJECTED', reason: 'INVALID_FORMAT' });
    harness.control.setTemplateStatus(String(created.id), { status: 'APPROVED' });
    await harness.control.settled();
    expect(
      harness.endpoint.fields('message_template_status_update').map(({ value }) => value as Json),
    ).toMatchObject([
      {
        event: 'REJECTED',
        reason: 'INVALID_FORMAT',
        message_template_name: 'reminder',
        message_template_language: 'en',
      },
      { event: 'APPROVED', reason: 'NONE', message_template_id: Number(created.id) },
    ]);
  });

  it.each<[string, Json]>([
    ['a name with capitals', { name: 'Reminder' }],
    ['no category', { category: 'OTHER' }],
    ['no components', { components: undefined }],
    ['no body', { components: [] }],
    ['a variable without example', { components: [{ type: 'BODY', text: 'Hello {{1}}, see you!' }] }],
    ['a variable at the end', { components: [{ type: 'BODY', text: 'Hello {{1}}', example: {} }] }],
    [
      'a variable in the footer',
      {
        components: [
          { type: 'BODY', text: 'Hi' },
          { type: 'FOOTER', text: '{{1}}' },
        ],
      },
    ],
    [
      'a header without example',
      {
        components: [
          { type: 'BODY', text: 'Hi' },
          { type: 'HEADER', format: 'TEXT', text: 'For {{1}}' },
        ],
      },
    ],
    [
      'a button of 26 letters',
      {
        components: [
          { type: 'BODY', text: 'Hi' },
          { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'x'.repeat(26) }] },
        ],
      },
    ],
    ['a gap in the numbers', { components: [{ type: 'BODY', text: 'Hello {{2}}, see you!', example: {} }] }],
  ])('refuses %s', async (_name, change) => {
    const { status, body: answer } = await harness.graph('POST', templates(), { ...reminder, ...change });
    expect(status).toBe(400);
    expect(answer.error.code).toBe(100);
  });

  it('refuses a second one of the same name and language, and deletes by name', async () => {
    await harness.graph('POST', templates(), reminder);
    expect((await harness.graph('POST', templates(), reminder)).body.error.error_subcode).toBe(2388024);
    expect((await harness.graph('DELETE', `${templates()}?name=reminder`)).body).toEqual({ success: true });
    expect((await harness.graph('POST', templates(), reminder)).status).toBe(200);
  });

  it('reviews an edit of an approved one anew, and takes none while it is in review', async () => {
    const { body: created } = await harness.graph('POST', templates(), reminder);
    const edit = (change: Json = {}) =>
      harness.graph('POST', String(created.id), {
        components: [{ type: 'BODY', text: 'Come soon.' }],
        ...change,
      });
    expect((await edit()).status).toBe(400);
    harness.control.setTemplateStatus(String(created.id), { status: 'APPROVED' });
    expect((await edit({ category: 'MARKETING' })).status).toBe(400);
    expect((await edit()).body).toMatchObject({ success: true });
    expect((await harness.graph('GET', `${String(created.id)}?fields=status,components`)).body).toMatchObject(
      {
        status: 'PENDING',
        components: [{ type: 'BODY', text: 'Come soon.' }],
      },
    );
    expect((await harness.graph('POST', '123456', {})).status).toBe(400);
  });

  it('deletes one language by its id', async () => {
    const { body: created } = await harness.graph('POST', templates(), reminder);
    await harness.graph('POST', templates(), { ...reminder, language: 'es' });
    await harness.graph('DELETE', `${templates()}?name=reminder&hsm_id=${String(created.id)}`);
    const left = harness.control.templates(harness.account.wabaId).filter(({ name }) => name === 'reminder');
    expect(left.map(({ language }) => language)).toEqual(['es']);
  });

  it('lists them in pages, there and back', async () => {
    for (const n of [1, 2, 3])
      await harness.graph('POST', templates(), { ...reminder, name: `reminder_${n}` });
    const first = (await harness.graph('GET', `${templates()}?limit=2&fields=name,status`)).body;
    expect(first.data).toEqual([
      { id: expect.any(String) as string, name: 'hello_world', status: 'APPROVED' },
      { id: expect.any(String) as string, name: 'invitation', status: 'APPROVED' },
    ]);
    expect(first.paging.previous).toBeUndefined();
    const next = await harness.graph('GET', `${templates()}?limit=2&after=${first.paging.cursors.after}`);
    expect(next.body.data.map(({ name }: Json) => name as string)).toEqual(['reminder_1', 'reminder_2']);
    expect(next.body.data[0]).toMatchObject({
      components: reminder.components,
      parameter_format: 'POSITIONAL',
    });
    const back = await harness.graph(
      'GET',
      `${templates()}?limit=2&before=${next.body.paging.cursors.before}`,
    );
    expect(back.body.data).toHaveLength(2);
    expect(back.body.data[0].name).toBe('hello_world');
    const last = await fetch(next.body.paging.next as string, {
      headers: { authorization: `Bearer ${harness.account.token}` },
    });
    const lastBody = (await last.json()) as Json;
    expect(lastBody.data).toHaveLength(1);
    expect(lastBody.paging.next).toBeUndefined();
    expect((await harness.graph('GET', `${templates()}?status=PENDING`)).body.data).toHaveLength(3);
  });
});

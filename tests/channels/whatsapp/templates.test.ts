import {
  buildTemplateSend,
  isSendable,
  projectTemplate,
  templateSlots,
} from '../../../src/channels/whatsapp/templates';
import type { RemoteTemplate } from '../../../src/channels/whatsapp/types';

const raw = {
  id: '900',
  name: 'interview',
  language: 'en',
  category: 'UTILITY',
  status: 'APPROVED',
  components: [
    { type: 'HEADER', format: 'TEXT', text: 'News from {{1}}' },
    { type: 'BODY', text: 'Hi {{1}}, interview for {{2}}. See you, {{1}}!', example: {} },
    { type: 'FOOTER', text: 'Reply {{1}} to stop' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'QUICK_REPLY', text: 'I will come' },
        { type: 'URL', text: 'Where', url: 'https://example.com' },
        { type: 'URL', text: 'Details', url: 'https://example.com/{{1}}' },
        { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550001111' },
      ],
    },
  ],
};

const project = (changes: object = {}) => projectTemplate({ ...raw, ...changes }) as RemoteTemplate;

describe('projectTemplate', () => {
  it('reads components and buttons', () => {
    expect(project()).toEqual({
      id: '900',
      name: 'interview',
      language: 'en',
      category: 'UTILITY',
      status: 'APPROVED',
      parameterFormat: 'POSITIONAL',
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'News from {{1}}' },
        { type: 'BODY', text: 'Hi {{1}}, interview for {{2}}. See you, {{1}}!' },
        { type: 'FOOTER', text: 'Reply {{1}} to stop' },
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'QUICK_REPLY', text: 'I will come' },
            { type: 'URL', text: 'Where', url: 'https://example.com' },
            { type: 'URL', text: 'Details', url: 'https://example.com/{{1}}' },
            { type: 'PHONE_NUMBER', text: 'Call', phoneNumber: '+15550001111' },
          ],
        },
      ],
    });
  });

  it.each([
    ['PAUSED', 'PAUSED'],
    ['LIMIT_EXCEEDED', 'DISABLED'],
    ['A_STATE_OF_TOMORROW', 'DISABLED'],
  ])('%s counts as %s', (word, status) => {
    expect(project({ status: word }).status).toBe(status);
  });

  it.each([[null], ['text'], [{}], [{ ...raw, name: '' }], [{ ...raw, components: 'none' }]])(
    '%p is none',
    (given) => {
      expect(projectTemplate(given)).toBeUndefined();
    },
  );
});

describe('parameters', () => {
  it('lists every place that wants a value', () => {
    expect(templateSlots(project().components).map(({ key }) => key)).toEqual([
      'header.1',
      'body.1',
      'body.2',
      'button.2',
    ]);
  });

  it('builds a send, its button at its own place', () => {
    const values = { 'header.1': 'Bakery', 'body.1': 'Ada', 'body.2': 'Baker\nat night', 'button.2': 'a/1' };
    expect(buildTemplateSend(project(), values)).toEqual({
      ok: true,
      template: {
        name: 'interview',
        language: 'en',
        header: [{ text: 'Bakery' }],
        body: [{ text: 'Ada' }, { text: 'Baker at night' }],
        buttons: [{ index: 2, subType: 'url', parameter: 'a/1' }],
      },
    });
  });

  it('names parameters of a named template', () => {
    const named = project({
      parameter_format: 'NAMED',
      components: [{ type: 'BODY', text: '{{vacancy}} for {{first_name}}' }],
    });
    expect(buildTemplateSend(named, { 'body.vacancy': 'Baker', 'body.first_name': 'Ada' })).toMatchObject({
      template: {
        body: [
          { name: 'vacancy', text: 'Baker' },
          { name: 'first_name', text: 'Ada' },
        ],
      },
    });
  });

  it('R-ELIG: says which values are missing', () => {
    expect(buildTemplateSend(project(), { 'header.1': ' ', 'body.1': 'Ada' })).toEqual({
      ok: false,
      missing: ['header.1', 'body.2', 'button.2'],
    });
  });

  it('knows what it cannot fill', () => {
    expect(isSendable(project())).toBe(true);
    expect(isSendable(project({ components: [{ type: 'HEADER', format: 'IMAGE' }] }))).toBe(false);
    expect(isSendable(project({ category: 'AUTHENTICATION' }))).toBe(false);
    expect(
      isSendable(project({ components: [{ type: 'BUTTONS', buttons: [{ type: 'FLOW', text: 'x' }] }] })),
    ).toBe(false);
  });
});

import fc from 'fast-check';
import {
  parseTemplateText,
  renderTemplateText,
  renderWhatsAppText,
  templateVariables,
  unknownVariables,
  variablesOf,
  whatsAppParametersOf,
  whatsAppParameterText,
} from '../../src/domain/template-render';

const values = {
  'candidate.firstName': 'Ada',
  'vacancy.title': 'Baker',
  'stage.name': ' ',
  'candidate.lastName': null,
};

describe('R-SEND-5: variables', () => {
  it.each([
    ['no variables', 'Hello', 'Hello'],
    ['a value', 'Hello {{candidate.firstName}}!', 'Hello Ada!'],
    ['spaces inside', '{{ candidate.firstName }} for {{ vacancy.title | a job }}', 'Ada for Baker'],
    ['a fallback for an absent value', 'Hello {{contact.firstName|there}}', 'Hello there'],
    ['a fallback for a blank value', '{{stage.name|Next}}', 'Next'],
    ['a fallback for null', '{{candidate.lastName|–}}', '–'],
    ['an empty fallback', 'Hello{{contact.firstName|}}', 'Hello'],
    ['braces that never close', 'freely {{candidate.firstName', 'freely {{candidate.firstName'],
    ['single braces', '{candidate.firstName}', '{candidate.firstName}'],
  ])('%s', (_name, text, expected) => {
    expect(renderTemplateText(text, values)).toEqual({ ok: true, text: expected });
  });

  it('names every missing variable once', () => {
    expect(
      renderTemplateText(
        '{{stage.name}} {{candidate.lastName}} {{stage.name}} {{candidate.firstName}}',
        values,
      ),
    ).toEqual({ ok: false, missing: ['stage.name', 'candidate.lastName'] });
  });

  it('refuses unknown variables, malformed ones among them', () => {
    const text = '{{candidate.firstName}} {{candidate.shoeSize}} {{first name|x}} {{}} {{constructor}} {{1}}';
    expect(unknownVariables(text)).toEqual(['candidate.shoeSize', 'first name', '', 'constructor', '1']);
  });

  it('knows every variable of the catalogue', () => {
    expect(unknownVariables(templateVariables.map((name) => `{{${name}}}`).join())).toEqual([]);
  });

  it('knows custom fields by their keys', () => {
    const text = '{{candidate.custom.shift}} {{candidate.custom.}} {{contact.custom.shift}}';
    expect(unknownVariables(text)).toEqual(['candidate.custom.', 'contact.custom.shift']);
    expect(unknownVariables('{{candidate.custom.shift}}', new Set(['salary']))).toEqual([
      'candidate.custom.shift',
    ]);
  });

  it('never reads a value as a template, and takes no inherited property for a value', () => {
    expect(renderTemplateText('{{a}}', { a: '{{b}}', b: 'secret' })).toEqual({ ok: true, text: '{{b}}' });
    expect(renderTemplateText('{{toString}}', {})).toEqual({ ok: false, missing: ['toString'] });
  });

  it('loses no character of the text between variables', () => {
    const plain = fc.string().filter((text) => !/[{}]/.test(text));
    const name = fc.constantFrom(...templateVariables);
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, name)), plain, fc.string(), (parts, tail, value) => {
        const text = parts.map(([before, variable]) => `${before}{{${variable}}}`).join('') + tail;
        const filled = value.trim() === '' ? 'x' : value;
        const rendered = renderTemplateText(
          text,
          Object.fromEntries(templateVariables.map((key) => [key, filled])),
        );
        expect(rendered).toEqual({
          ok: true,
          text: parts.map(([before]) => before + filled).join('') + tail,
        });
        expect(new Set(variablesOf(text))).toEqual(new Set(parts.map(([, variable]) => variable)));
      }),
    );
  });

  it('never throws on any text', () => {
    const braces = fc.string({ unit: fc.constantFrom('{', '}', '|', 'a', '.', ' ', '1') });
    fc.assert(
      fc.property(braces, (text) => {
        parseTemplateText(text);
        renderTemplateText(text, {});
        renderWhatsAppText(text, {});
      }),
    );
  });
});

describe('WhatsApp templates', () => {
  it('lists positional parameters by number and named ones in order', () => {
    expect(whatsAppParametersOf('{{2}} then {{10}} then {{1}} and {{2}}')).toEqual(['1', '2', '10']);
    expect(whatsAppParametersOf('{{vacancy}} for {{first_name}}')).toEqual(['vacancy', 'first_name']);
    expect(whatsAppParametersOf('none')).toEqual([]);
  });

  it('shows the text as the person gets it', () => {
    expect(renderWhatsAppText('Hi {{1}}, {{2}} at {{3}}', { '1': 'Ada', '2': '{{3}}', '3': 'noon' })).toBe(
      'Hi Ada, {{3}} at noon',
    );
    expect(renderWhatsAppText('Hi {{first_name}}, {{missing}}', { first_name: '$&' })).toBe(
      'Hi $&, {{missing}}',
    );
  });

  it('makes a text fit for a parameter', () => {
    expect(whatsAppParameterText(' one\r\n\n two\tthree      four ')).toBe('one two three   four');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r', 'a') }), (text) => {
        expect(whatsAppParameterText(text)).not.toMatch(/[\n\r\t]| {4}/);
      }),
    );
  });
});

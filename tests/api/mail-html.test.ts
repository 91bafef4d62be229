import type { Response } from 'express';
import { htmlForPrint, sendMailHtml } from '../../src/api/mail-html';
import type { Mail } from '../../src/contracts/mails';
import { sanitizeMailHtml } from '../../src/channels/email/sanitize-mail-html';

function shown(
  html: string,
  remote = false,
  pictures = [{ contentId: 'a&b@mail', mimeType: 'image/png', bytes: Buffer.from('PNG') }],
): { headers: Record<string, string>; page: string } {
  const seen = { headers: {} as Record<string, string>, page: '' };
  const response = {
    removeHeader: () => undefined,
    set: (headers: Record<string, string>) => Object.assign(seen.headers, headers),
    end: (page: string) => void (seen.page = page),
  };
  sendMailHtml(response as unknown as Response, {
    html: sanitizeMailHtml(html)!,
    subject: 'Offer <b>',
    pictures,
    remote,
  });
  return seen;
}

it('the page of a mail runs nothing, reaches nothing and has no origin', () => {
  const csp = shown('<p>Hello</p>').headers['content-security-policy']!;
  expect(csp).toContain("default-src 'none'");
  expect(csp).not.toMatch(/script-src|http|allow-scripts|allow-same-origin/);
  expect(csp).toContain('sandbox allow-popups');
});

it('the page has the subject as its title, a language and a main part', () => {
  const { page } = shown('<p>Hello</p>');
  expect(page).toMatch(
    /^<!doctype html><html lang="und"><head><meta charset="utf-8"><title>Offer &lt;b&gt;<\/title>/,
  );
  expect(page).toContain('<main><p>Hello</p></main>');
  expect(shown('<html lang="nl-BE"><body>Dag</body></html>').page).toContain('<html lang="nl-BE">');
  expect(shown('<html lang="&quot;><b>">Dag</html>').page).toContain('<html lang="und">');
});

it('pictures that came along are shown, those from afar only when they were asked for', () => {
  const html = '<img src="cid:a&amp;b@mail"><img src="https://far.example/x.png?a=1&amp;b=2">';
  const { page } = shown(html);
  expect(page).toContain(`src="data:image/png;base64,${Buffer.from('PNG').toString('base64')}"`);
  expect(page).not.toContain('src="https:');
  const asked = shown(html, true);
  expect(asked.page).toContain('src="https://far.example/x.png?a=1&amp;b=2"');
  expect(asked.headers['content-security-policy']).toContain('img-src data: http: https:');
});

it('a picture that did not come along is an empty one', () => {
  expect(shown('<img src="cid:none">').page).toContain('<img alt="" src="" />');
});

it('a picture that stands there very often makes no page that fills the memory', () => {
  const picture = { contentId: 'big', mimeType: 'image/png', bytes: Buffer.alloc(1_000_000) };
  const { page } = shown('<img src="cid:big">'.repeat(100), false, [picture]);
  expect(page.length).toBeGreaterThan(1_000_000);
  expect(page.length).toBeLessThan(30_000_000);
});

it('R-BOX-7: for printing its head stands above, and nothing of it is markup', () => {
  const mail = {
    subject: 'Offer <b>',
    from: { name: 'Eva "E"', address: 'eva@mail.example' },
    to: [{ name: '', address: 'rita@acme.example' }],
    cc: [],
    occurredAt: '2026-11-02T10:00:00.000Z',
    text: 'a < b',
    quoted: '> before',
    attachments: [{ id: 'f', filename: '<cv>.pdf', mimeType: 'application/pdf', size: 1, inline: false }],
  } as unknown as Mail;
  const page = htmlForPrint(mail, null);
  expect(page).toContain('Offer &lt;b&gt;');
  expect(page).toContain('Eva &quot;E&quot; &lt;eva@mail.example&gt;');
  expect(page).toContain('&lt;cv&gt;.pdf');
  expect(page).toContain('a &lt; b\n\n&gt; before');
  expect(page).not.toContain('Cc');
  expect(htmlForPrint(mail, '<p>Hello</p>')).toMatch(/<hr><p>Hello<\/p>$/);
});

import { act, api, clockTime, coalesce, dayOf, h, listen } from './shared.js';
import { richText } from './rich-text.js';

const $ = (id) => document.getElementById(id);
const box = document.querySelector('.mailbox');
let mails = [];
let openId = location.hash.slice(1) || undefined;
let tab = 'html';

const load = coalesce(async () => {
  mails = (await api('GET', '/mails')).data;
  drawList();
  drawReader();
});

function drawList() {
  const words = $('search').value.trim().toLowerCase();
  const found = mails.filter(
    (mail) =>
      words === '' ||
      `${mail.subject} ${mail.to.join(' ')} ${mail.from} ${mail.text}`.toLowerCase().includes(words),
  );
  $('clear').disabled = mails.length === 0;
  $('mails').replaceChildren(
    ...(found.length > 0
      ? found.map(mailItem)
      : [
          h(
            'li',
            { class: 'empty' },
            mails.length === 0 ? 'No mail yet. What is sent by SMTP appears here.' : 'Nothing found.',
          ),
        ]),
  );
}

function mailItem(mail) {
  return h(
    'li',
    {},
    h(
      'button',
      {
        class: 'mail',
        type: 'button',
        'aria-current': mail.id === openId ? 'true' : undefined,
        onclick: () => {
          openId = mail.id;
          tab = 'html';
          history.replaceState(null, '', `#${mail.id}`);
          drawList();
          drawReader();
        },
      },
      h('span', { class: 'subject' }, mail.subject || '(no subject)'),
      h('span', { class: 'to' }, `To ${mail.to.join(', ')}`),
      h('span', { class: 'when' }, dayOf(mail.at) === 'Today' ? clockTime(mail.at) : dayOf(mail.at)),
    ),
  );
}

let drawnReader;

function drawReader() {
  const mail = mails.find(({ id }) => id === openId);
  const key = `${mail?.id} ${tab}`;
  if (key === drawnReader) return;
  drawnReader = key;
  box.dataset.view = mail ? 'mail' : 'list';
  if (!mail) {
    $('reader').replaceChildren(h('p', { class: 'empty' }, 'Choose a mail to read it.'));
    return;
  }
  if (tab === 'html' && mail.html === '') tab = 'text';
  const nodes = [
    h('button', { class: 'button small', type: 'button', id: 'to-list', onclick: closeMail }, '← All mail'),
    h('h2', {}, mail.subject || '(no subject)'),
    h(
      'dl',
      { class: 'facts' },
      h('dt', {}, 'From'),
      h('dd', {}, mail.from),
      h('dt', {}, 'To'),
      h('dd', {}, mail.to.join(', ')),
      h('dt', {}, 'Date'),
      h('dd', {}, new Date(mail.at).toLocaleString()),
    ),
    h(
      'div',
      { class: 'tabs', role: 'group', 'aria-label': 'Show as' },
      tabButton('html', 'HTML', mail.html === ''),
      tabButton('text', 'Text', mail.text === ''),
      tabButton('headers', 'Headers', false),
      oneClick(mail) &&
        h(
          'button',
          {
            class: 'button small',
            type: 'button',
            onclick: act(async (event) => {
              const { target } = event;
              await api('POST', `/mails/${mail.id}/unsubscribe`);
              target.textContent = 'Unsubscribed';
              target.disabled = true;
            }),
          },
          'Unsubscribe',
        ),
    ),
    bodyNode(mail),
  ];
  if (mail.attachments.length > 0) {
    nodes.push(
      h(
        'ul',
        { class: 'attachments', 'aria-label': 'Attachments' },
        mail.attachments.map(({ filename, mimeType, size }) =>
          h('li', { class: 'badge' }, `${filename} · ${mimeType} · ${Math.ceil(size / 1024)} KB`),
        ),
      ),
    );
  }
  $('reader').replaceChildren(...nodes);
}

/** As mail programs offer it beside a mail that says so. */
function oneClick({ headers }) {
  return headers.some(({ name }) => name.toLowerCase() === 'list-unsubscribe-post');
}

function tabButton(name, label, disabled) {
  return h(
    'button',
    {
      class: 'button small',
      type: 'button',
      disabled,
      'aria-pressed': String(tab === name),
      onclick: () => {
        tab = name;
        drawReader();
      },
    },
    label,
  );
}

function bodyNode(mail) {
  if (tab === 'html') {
    return h('iframe', {
      class: 'body',
      title: 'The mail',
      sandbox: 'allow-popups allow-popups-to-escape-sandbox',
      src: `/sandbox/mails/${mail.id}/html`,
    });
  }
  if (tab === 'headers') {
    return h(
      'pre',
      { class: 'body', tabindex: 0 },
      mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    );
  }
  return h('pre', { class: 'body', tabindex: 0 }, richText(mail.text));
}

function closeMail() {
  openId = undefined;
  history.replaceState(null, '', location.pathname);
  drawList();
  drawReader();
}

$('search').addEventListener('input', drawList);
$('clear').addEventListener(
  'click',
  act(() => api('DELETE', '/mails')),
);

listen((event) => {
  if (event.type === 'open' || event.type === 'reset' || event.type === 'mail') void load();
});

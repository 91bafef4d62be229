import { act, api, coalesce, h, icon, listen, toast } from './shared.js';

const $ = (id) => document.getElementById(id);
let accounts = [];
let smsAccounts = [];

// ---------------------------------------------------------------- accounts

const loadAccounts = coalesce(async () => {
  accounts = (await api('GET', '/accounts')).data;
  smsAccounts = (await api('GET', '/sms/accounts')).data;
  if (!$('sms-accounts').contains(document.activeElement))
    $('sms-accounts').replaceChildren(...smsAccounts.map(smsAccountCard));
  if (!$('accounts').contains(document.activeElement))
    $('accounts').replaceChildren(...accounts.map(accountCard));
  drawTargets();
});

function accountCard(account) {
  const url = account.overrideCallbackUrl ?? account.appCallbackUrl;
  return h(
    'article',
    { class: 'card', 'aria-label': account.verifiedName },
    h(
      'div',
      { class: 'card-head' },
      h('h3', {}, account.verifiedName),
      h('span', { class: 'number' }, account.displayPhoneNumber),
      account.subscribed && url
        ? h('span', { class: 'badge good' }, 'Connected')
        : h('span', { class: 'badge' }, 'Not connected'),
      account.preset === 'demonstration' && h('span', { class: 'badge' }, 'Demonstration'),
      account.preset === 'free' && h('span', { class: 'badge' }, 'Free to connect'),
    ),
    h(
      'dl',
      { class: 'credentials' },
      ...credential('Phone number ID', account.phoneNumberId),
      ...credential('WABA ID', account.wabaId),
      ...credential('Access token', account.token),
      ...credential('App secret', account.appSecret),
      ...credential('Webhook', url ?? '–'),
    ),
    h(
      'div',
      { class: 'card-settings' },
      h(
        'label',
        { class: 'label' },
        'Verified name',
        h('input', {
          class: 'field',
          value: account.verifiedName,
          onchange: (event) =>
            void change(account, { verifiedName: event.target.value.trim() || account.verifiedName }),
        }),
      ),
      h(
        'label',
        { class: 'label' },
        'Messages a second',
        h('input', {
          class: 'field',
          type: 'number',
          min: 0,
          value: account.throughput,
          onchange: (event) => void change(account, { throughput: Number(event.target.value) }),
        }),
      ),
      h(
        'label',
        { class: 'label' },
        'New people a day (0: any number)',
        h('input', {
          class: 'field',
          type: 'number',
          min: 0,
          value: account.messagingLimit,
          onchange: (event) => void change(account, { messagingLimit: Number(event.target.value) }),
        }),
      ),
      h(
        'label',
        { class: 'label' },
        'Outside the window',
        h(
          'select',
          {
            class: 'field',
            onchange: (event) => void change(account, { windowClosedAs: event.target.value }),
          },
          h(
            'option',
            { value: 'refusal', selected: account.windowClosedAs === 'refusal' },
            'Refuse (131047)',
          ),
          h(
            'option',
            { value: 'status', selected: account.windowClosedAs === 'status' },
            'Accept, then fail',
          ),
        ),
      ),
      h(
        'label',
        { class: 'check' },
        h('input', {
          type: 'checkbox',
          checked: account.autoApproveTemplates,
          onchange: (event) => void change(account, { autoApproveTemplates: event.target.checked }),
        }),
        'Approve new templates at once',
      ),
    ),
  );
}

function smsAccountCard(account) {
  return h(
    'article',
    { class: 'card', 'aria-label': `SMS: ${account.friendlyName}` },
    h(
      'div',
      { class: 'card-head' },
      h('h3', {}, account.friendlyName),
      h('span', { class: 'number' }, account.number),
      account.preset === 'demonstration' && h('span', { class: 'badge' }, 'Demonstration'),
      account.preset === 'free' && h('span', { class: 'badge' }, 'Free to connect'),
    ),
    h(
      'dl',
      { class: 'credentials' },
      ...credential('Account SID', account.accountSid),
      ...credential('Auth token', account.authToken),
      ...credential('Number', account.number),
      ...credential('Messaging service', account.messagingServiceSid),
      ...credential('Incoming messages', account.smsUrl ?? '–'),
    ),
  );
}

function credential(label, value) {
  const copy = h(
    'button',
    {
      class: 'icon-button',
      type: 'button',
      'aria-label': `Copy ${label}`,
      title: 'Copy',
      onclick: act(async () => {
        await navigator.clipboard.writeText(value);
        toast(`${label} copied`);
      }),
    },
    icon('copy'),
  );
  return [h('dt', {}, label), h('dd', { title: value }, value), h('dd', {}, copy)];
}

const change = act(async (account, body) => {
  await api('PATCH', `/accounts/${account.phoneNumberId}`, body);
  toast('Saved');
});

$('add-account').addEventListener(
  'click',
  act(() => api('POST', '/accounts', {})),
);

// ---------------------------------------------------------------- templates

const badgeOf = { APPROVED: 'good', PENDING: 'warn', PAUSED: 'warn', REJECTED: 'bad', DISABLED: 'bad' };
const decisions = {
  PENDING: ['APPROVED', 'REJECTED'],
  APPROVED: ['PAUSED', 'REJECTED', 'DISABLED'],
  REJECTED: ['APPROVED'],
  PAUSED: ['APPROVED', 'DISABLED'],
  DISABLED: ['APPROVED'],
};
const reasons = [
  'INVALID_FORMAT',
  'ABUSIVE_CONTENT',
  'INCORRECT_CATEGORY',
  'PROMOTIONAL',
  'SCAM',
  'TAG_CONTENT_MISMATCH',
];
const verbOf = { APPROVED: 'Approve', REJECTED: 'Reject', PAUSED: 'Pause', DISABLED: 'Disable' };

const loadTemplates = coalesce(async () => {
  const [{ data }, { data: owners }] = await Promise.all([api('GET', '/templates'), api('GET', '/accounts')]);
  const groups = [...new Set(owners.map((account) => account.wabaId))].map((wabaId) => {
    const own = data.filter((template) => template.wabaId === wabaId);
    const order = (template) => (template.status === 'PENDING' ? 0 : 1);
    own.sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
    const name = owners.find((account) => account.wabaId === wabaId).verifiedName;
    return [
      h('p', { class: 'group-title' }, name),
      own.length === 0
        ? h('p', { class: 'empty' }, 'No templates yet.')
        : h('ul', { class: 'rows' }, own.map(templateRow)),
    ];
  });
  $('templates').replaceChildren(...groups.flat());
});

function templateRow(template) {
  const reason = h(
    'select',
    { 'aria-label': `Reason to reject ${template.name}, ${template.language}` },
    reasons.map((code) => h('option', { value: code }, code.toLowerCase().replaceAll('_', ' '))),
  );
  const body = template.components.find((component) => component.type === 'BODY')?.text ?? '';
  return h(
    'li',
    { class: 'template' },
    h(
      'div',
      {},
      h(
        'div',
        { class: 'template-name' },
        h('strong', {}, template.name),
        h('span', { class: `badge ${badgeOf[template.status]}` }, template.status.toLowerCase()),
        h('span', { class: 'badge' }, template.language),
        h('span', { class: 'badge' }, template.category.toLowerCase()),
        template.status === 'REJECTED' &&
          h('span', { class: 'badge' }, template.rejectedReason.toLowerCase()),
      ),
      h('p', {}, body),
    ),
    h(
      'div',
      { class: 'template-actions' },
      decisions[template.status].includes('REJECTED') && reason,
      decisions[template.status].map((status) =>
        h(
          'button',
          {
            class: `button small${status === 'APPROVED' ? ' primary' : ''}`,
            type: 'button',
            'aria-label': `${verbOf[status]} ${template.name}, ${template.language}`,
            onclick: act(async () => {
              await api('POST', `/templates/${template.id}/status`, {
                status,
                ...(status === 'REJECTED' && { reason: reason.value }),
              });
              await loadTemplates();
            }),
          },
          verbOf[status],
        ),
      ),
    ),
  );
}

// ---------------------------------------------------------------- misbehaviour

const number = (name, label, placeholder) =>
  h(
    'label',
    { class: 'label' },
    label,
    h('input', { class: 'field', type: 'number', min: 0, name, placeholder }),
  );
const check = (name, label) => h('label', { class: 'check' }, h('input', { type: 'checkbox', name }), label);
const select = (name, label, options) =>
  h(
    'label',
    { class: 'label' },
    label,
    h(
      'select',
      { class: 'field', name },
      Object.entries(options).map(([value, text]) => h('option', { value }, text)),
    ),
  );

$('misbehaviour').append(
  h(
    'div',
    { class: 'pair wide' },
    h('label', { class: 'label' }, 'For', h('select', { class: 'field', name: 'target', id: 'target' })),
    h(
      'label',
      { class: 'label' },
      'Phone number (instead of the account)',
      h('input', { class: 'field', name: 'phone', placeholder: '+34 600 111 222' }),
    ),
  ),
  h(
    'fieldset',
    {},
    h('legend', {}, 'Answers to sends'),
    number('answerDelayMs', 'Delay, in ms', '0'),
    number('hangUpBeforeAccept', 'Hang up without accepting, times', '0'),
    number('hangUpAfterAccept', 'Accept, then hang up, times', '0'),
    number('neverAnswer', 'Accept, never answer, times', '0'),
  ),
  h(
    'fieldset',
    {},
    h('legend', {}, 'Refusals'),
    h(
      'div',
      { class: 'pair' },
      number('refuseTimes', 'Refuse, times', '0'),
      number('refuseCode', 'Code', '131000'),
    ),
    select('refuseAs', 'Told as', { answer: 'Answer to the send', status: 'Failed status' }),
    h(
      'div',
      { class: 'pair' },
      number('errorTimes', 'HTTP error, times', '0'),
      select('errorStatus', 'Status', { 500: '500', 502: '502', 503: '503' }),
    ),
    check('errorGraph', 'With the provider’s body'),
    check('errorAccepted', 'Deliver all the same'),
  ),
  h(
    'fieldset',
    {},
    h('legend', {}, 'Webhooks'),
    number('webhookDelayMs', 'Delay, in ms', '0'),
    h(
      'div',
      { class: 'pair' },
      number('dropWebhooks', 'Lose the next', '0'),
      number('repeatWebhooks', 'Repeat each, times', '0'),
    ),
    check('statusBeforeAnswer', 'Status before the answer'),
    check('duplicateStatuses', 'Every status twice'),
    check('reorderWebhooks', 'The last first'),
    check('holdWebhooks', 'Hold back until switched off'),
  ),
  h('div', { class: 'wide' }, h('button', { class: 'button primary' }, 'Misbehave')),
);

function drawTargets() {
  const chosen = $('target').value;
  const targets = [
    ...accounts.map(({ phoneNumberId, verifiedName }) => [phoneNumberId, verifiedName]),
    ...smsAccounts.map(({ accountSid, friendlyName }) => [accountSid, `SMS: ${friendlyName}`]),
  ];
  $('target').replaceChildren(
    ...targets.map(([value, label]) => h('option', { value, selected: value === chosen }, label)),
  );
}

$('misbehaviour').addEventListener('submit', (event) => {
  event.preventDefault();
  void act(async () => {
    const form = new FormData($('misbehaviour'));
    const id = String(form.get('phone')).trim() || form.get('target');
    await api('PUT', `/misbehaviour/${encodeURIComponent(id)}`, settingsOf(form));
    $('misbehaviour').reset();
    drawTargets();
    await loadMisbehaviour();
  })();
});

function settingsOf(form) {
  const count = (name) => Number(form.get(name)) || 0;
  const settings = {};
  const numbers = [
    'answerDelayMs',
    'hangUpBeforeAccept',
    'hangUpAfterAccept',
    'neverAnswer',
    'webhookDelayMs',
    'dropWebhooks',
    'repeatWebhooks',
  ];
  for (const name of numbers) if (count(name) > 0) settings[name] = count(name);
  for (const name of ['statusBeforeAnswer', 'duplicateStatuses', 'reorderWebhooks', 'holdWebhooks']) {
    if (form.has(name)) settings[name] = true;
  }
  if (count('refuseTimes') > 0) {
    settings.refuse = {
      times: count('refuseTimes'),
      code: count('refuseCode') || 131000,
      as: form.get('refuseAs'),
    };
  }
  if (count('errorTimes') > 0) {
    settings.httpError = {
      times: count('errorTimes'),
      status: count('errorStatus'),
      graphBody: form.has('errorGraph'),
      accepted: form.has('errorAccepted'),
    };
  }
  return settings;
}

const loadMisbehaviour = coalesce(async () => {
  const { data } = await api('GET', '/misbehaviour');
  $('active-misbehaviour').replaceChildren(
    ...data.map(({ id, ...settings }) => {
      const name = accounts.find((account) => account.phoneNumberId === id)?.verifiedName ?? `+${id}`;
      return h(
        'div',
        { class: 'active' },
        h('strong', {}, name),
        h('code', {}, JSON.stringify(settings).slice(1, -1).replaceAll('"', '').replaceAll(',', ', ')),
        h(
          'button',
          {
            class: 'button small',
            type: 'button',
            'aria-label': `End misbehaviour of ${name}`,
            onclick: act(() => api('DELETE', `/misbehaviour/${id}`)),
          },
          'End',
        ),
      );
    }),
  );
});

// ---------------------------------------------------------------- DNS

let dnsRecords = [];

const loadDns = coalesce(async () => {
  dnsRecords = (await api('GET', '/dns')).data;
  $('dns-records').replaceChildren(
    ...dnsRecords.flatMap((record) => record.values.map((value) => dnsRow(record, value))),
  );
});

function dnsRow({ type, name, values }, value) {
  return h(
    'div',
    { class: 'dns-record' },
    h('strong', {}, `${type} ${name}`),
    h('code', {}, value),
    h(
      'button',
      {
        class: 'button small',
        type: 'button',
        'aria-label': `Remove the ${type} record ${value.slice(0, 30)} of ${name}`,
        onclick: act(() =>
          api('PUT', '/dns', { type, name, values: values.filter((other) => other !== value) }),
        ),
      },
      'Remove',
    ),
  );
}

$('dns').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target;
  const { type, name, value } = Object.fromEntries(
    [...new FormData(form)].map(([key, entered]) => [key, entered.trim()]),
  );
  const known = dnsRecords.find(
    (record) => record.type === type && record.name === name.toLowerCase().replace(/\.$/, ''),
  );
  void act(async () => {
    await api('PUT', '/dns', { type, name, values: [...new Set([...(known?.values ?? []), value])] });
    form.reset();
  })();
});

// ---------------------------------------------------------------- webhooks

const stateOf = {
  delivered: ['good', 'delivered'],
  sending: ['', 'sending'],
  waiting: ['warn', 'waiting'],
  dropped: ['bad', 'lost'],
  gaveUp: ['bad', 'given up'],
  noSubscriber: ['', 'no address'],
};
const opened = new Set();

const loadWebhooks = coalesce(async () => {
  const { data } = await api('GET', '/webhooks');
  $('webhooks').replaceChildren(
    data.length === 0
      ? h('p', { class: 'empty' }, 'Nothing was sent yet.')
      : h('ul', { class: 'rows' }, data.slice(0, 60).map(deliveryRow)),
  );
});

function deliveryRow(delivery) {
  const [style, state] = stateOf[delivery.state];
  const last = delivery.attempts.at(-1);
  const outcome = last ? `${last.status ?? last.error} · ${last.ms} ms` : '';
  const count = delivery.attempts.length > 1 ? `${delivery.attempts.length} attempts · ` : '';
  const details = h(
    'details',
    {
      class: 'delivery',
      open: opened.has(delivery.id),
      ontoggle: () => {
        if (!details.open) opened.delete(delivery.id);
        else opened.add(delivery.id);
        if (details.open && details.children.length === 1)
          details.append(h('pre', { tabindex: 0 }, bodyText(delivery)));
      },
    },
    h(
      'summary',
      {},
      h('time', {}, new Date(delivery.at).toLocaleTimeString()),
      h('span', {}, h('span', { class: `badge ${style}` }, state)),
      h('span', { class: 'what' }, delivery.summary.join(', ')),
      h('span', { class: 'attempts' }, `${count}${outcome}`),
    ),
  );
  return h('li', {}, details);
}

function bodyText(delivery) {
  const body = delivery.body === '' ? 'Not sent.' : JSON.stringify(JSON.parse(delivery.body), null, 2);
  return `${delivery.url ?? 'No address: the account is not connected.'}\n\n${body}`;
}

$('retry').addEventListener(
  'click',
  act(() => api('POST', '/webhooks/retry')),
);
$('reset').addEventListener('click', () => $('confirm').showModal());
$('confirm').addEventListener('close', () => {
  if ($('confirm').returnValue === 'yes') void act(() => api('POST', '/reset'))();
});

// ---------------------------------------------------------------- live

let webhookTimer;

listen((event) => {
  const all = event.type === 'open' || event.type === 'reset';
  if (all || event.type === 'account') void loadAccounts();
  if (all || event.type === 'account' || event.type === 'template') void loadTemplates();
  if (all || event.type === 'misbehaviour') void loadMisbehaviour();
  if (all || event.type === 'dns') void loadDns();
  if (all || event.type === 'webhook') {
    clearTimeout(webhookTimer);
    webhookTimer = setTimeout(loadWebhooks, 150);
  }
});

void api('GET', '/state').then(({ dayMs }) => {
  const hours = dayMs / 3_600_000;
  $('day-note').textContent = `A day lasts ${hours >= 1 ? `${hours} h` : `${dayMs / 1000} s`} here`;
});

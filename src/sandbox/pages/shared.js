/** Makes an element: `h('button', { class: 'x', onclick }, 'Text', child)`. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
  return element;
}

const paths = {
  back: 'M15 5l-7 7 7 7',
  more: 'M12 5h.01M12 12h.01M12 19h.01',
  emoji:
    'M12 3a9 9 0 100 18 9 9 0 000-18zM9 10h.01M15 10h.01M8.5 14.5c1 1.3 2.200 2 3.500 2s2.500-.7 3.500-2',
  attach:
    'M20 11l-8.500 8.500a5 5 0 01-7-7L13 4a3.400 3.400 0 014.800 4.800L9.500 17a1.700 1.700 0 01-2.400-2.400L15 6.800',
  send: 'M4 12l16-8-6 16-2.500-6.500L4 12zM11.500 13.500L20 4',
  close: 'M6 6l12 12M18 6L6 18',
  reply: 'M10 8V4l-7 7 7 7v-4c5 0 8.500 1.500 11 5-1-6-4.500-10-11-11z',
  file: 'M7 3h7l5 5v13H7zM14 3v5h5',
  pin: 'M12 21s7-6.300 7-11.500A7 7 0 005 9.500C5 14.700 12 21 12 21zM12 12a2.500 2.500 0 100-5 2.500 2.500 0 000 5z',
  plus: 'M12 5v14M5 12h14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}

/** Calls the control API; throws with its own words. */
export async function api(method, path, body) {
  const isForm = body instanceof FormData;
  const response = await fetch(`/sandbox${path}`, {
    method,
    headers: body === undefined || isForm ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `The sandbox answered ${response.status}.`);
  return answer;
}

/** Runs an action of the user and says what went wrong. */
export function act(action) {
  return async (...parameters) => {
    try {
      await action(...parameters);
    } catch (error) {
      toast(error.message);
    }
  };
}

let toastTimer;

export function toast(text) {
  document.querySelector('.toast')?.remove();
  clearTimeout(toastTimer);
  const element = h('div', { class: 'toast', role: 'status' }, text);
  document.body.append(element);
  toastTimer = setTimeout(() => element.remove(), 5000);
}

/** Calls back on every event, and with `{type:'open'}` after each (re)connection. */
export function listen(callback) {
  const source = new EventSource('/sandbox/events');
  source.addEventListener('open', () => callback({ type: 'open' }));
  source.addEventListener('message', (event) => callback(JSON.parse(event.data)));
}

/** Runs at most once at a time; calls that come meanwhile make it run once more. */
export function coalesce(task) {
  let running = false;
  let again = false;
  return async function run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await task();
    } while (again);
    running = false;
  };
}

export function formatNumber(waId) {
  return `+${waId}`;
}

export function clockTime(at) {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

export function dayOf(at) {
  const date = new Date(at);
  const today = new Date();
  const yesterday = new Date(today.getTime() - 86_400_000);
  if (date.toDateString() === today.toDateString()) return 'Today';
  if (date.toDateString() === yesterday.toDateString()) return 'Yesterday';
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** A colour of its own for each name, dark enough for white letters. */
export function avatar(name, seed) {
  const hash = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  const hue = (hash * 47) % 360;
  const initials = name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();
  const element = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials);
  element.style.backgroundColor = `hsl(${hue} 45% 32%)`;
  return element;
}

import { text } from './text';

// The window's title and the favicon, both with the number of unanswered chats.
let page = '';
let count = 0;

export function setTitle(title: string): void {
  page = title;
  apply();
}

export function setTitleCount(next: number): void {
  if (next === count) return;
  count = next;
  apply();
  document.getElementById('favicon')?.setAttribute('href', favicon(next > 0));
}

function apply(): void {
  const name = page && page !== text.product ? `${page} · ${text.product}` : text.product;
  document.title = count > 0 ? `(${count}) ${name}` : name;
}

function favicon(dot: boolean): string {
  const mark =
    "<path d='M4 9a5 5 0 0 1 5-5h14a5 5 0 0 1 5 5v9a5 5 0 0 1-5 5H13l-7 6v-6.6A5 5 0 0 1 4 18z' fill='#0b5d5e'/>";
  const badge = dot ? "<circle cx='24' cy='8' r='7.5' fill='#e0641a' stroke='#fff' stroke-width='2'/>" : '';
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>${mark}${badge}</svg>`)}`;
}

import { execFileSync } from 'node:child_process';
import AxeBuilder from '@axe-core/playwright';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import type { Product } from './product';
import { waitFor } from './wait';

/** How long anything that is to appear may take on a busy machine. */
const patienceMs = 60_000;

export type Viewer = {
  page: Page;
  /** Goes to an address of the product. */
  go(path: string): Promise<void>;
  /** A second tab of the same browser. */
  tab(): Promise<Viewer>;
};

export type Visitors = {
  /** Somebody of the company with a browser of their own, signed in. */
  as(user: string, options?: BrowserContextOptions): Promise<Viewer>;
  /** Nobody yet. */
  stranger(options?: BrowserContextOptions): Promise<Viewer>;
  /** The phone page of a person. */
  phone(waId: string): Promise<Viewer>;
  /** Closes all pages that were opened since the last time. Throws what went wrong on them. */
  leave(): Promise<void>;
  close(): Promise<void>;
};

/** Chromium, as found on this machine. Everybody keeps their browser, with what it has in store, from test to test. */
export async function openBrowser(product: Product): Promise<Visitors> {
  const browser = await launch();
  const contexts = new Map<string, Promise<BrowserContext>>();
  const pages: Page[] = [];
  const faults: string[] = [];
  let strangers = 0;

  async function newContext(options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
      ...options,
    });
    context.setDefaultTimeout(patienceMs);
    return context;
  }

  async function open(who: string, options: BrowserContextOptions): Promise<Viewer> {
    const key = JSON.stringify([who, options]);
    const known = contexts.get(key) ?? newContext(options);
    contexts.set(key, known);
    const context = await known;
    const tab = async (): Promise<Viewer> => {
      const page = await context.newPage();
      pages.push(page);
      page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.stack ?? error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
          faults.push(`${page.url()}: ${message.text()}`);
      });
      return {
        page,
        async go(path) {
          await page.goto(path);
          await page.evaluate(keepToasts);
        },
        tab,
      };
    };
    return tab();
  }

  return {
    stranger: (options) => open(`stranger ${++strangers}`, { baseURL: product.url, ...options }),
    async as(user, options) {
      const viewer = await open(user, { baseURL: product.url, ...options });
      const { request } = viewer.page;
      if ((await request.get('/api/v1/me')).ok()) return viewer;
      const answer = await request.post('/api/v1/session', {
        data: { email: `${user}@brightwater.example`, password: product.password },
      });
      if (!answer.ok()) throw new Error(`${user} could not sign in: ${await answer.text()}`);
      return viewer;
    },
    async phone(waId) {
      const viewer = await open('phones', { baseURL: product.phonesUrl });
      await viewer.go(`/phone/${waId}`);
      return viewer;
    },
    async leave() {
      await Promise.all(pages.splice(0).map((page) => page.close()));
      if (faults.length > 0) throw new Error(`errors on pages:\n${faults.splice(0).join('\n')}`);
    },
    close: () => browser.close(),
  };
}

/** The suggestions of the address bar, pages of their own in every window, which cost as much as the page under test. */
const addressBar = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

/** Those and, since Chromium takes one such list only, what Playwright switches off by itself. */
const disabledFeatures = [
  ...addressBar,
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

function launch(): Promise<Browser> {
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium || command -v google-chrome'], {
    encoding: 'utf8',
  }).trim();
  return chromium.launch({
    executablePath,
    timeout: 120_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      `--disable-features=${disabledFeatures.join()}`,
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/** Waits until it is there to be seen; the error shows what is there instead. */
export async function sees(...things: Locator[]): Promise<void> {
  for (const thing of things) {
    try {
      await thing.first().waitFor({ state: 'visible' });
    } catch (error) {
      const shown = await thing.page().locator('body').ariaSnapshot();
      throw new Error(`not seen: ${String(thing)}\non ${thing.page().url()}:\n${shown}`, { cause: error });
    }
  }
}

/** Keeps the paragraphs of all toasts that are shown: they go by themselves, and a busy machine may look too late. */
const keepToasts = `
  globalThis.toasted = [];
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
      if (node.parentElement?.matches('[role="status"][aria-live]') && node.checkVisibility())
        globalThis.toasted.push(...[...node.querySelectorAll('p')].map((line) => line.textContent));
  }).observe(document, { childList: true, subtree: true });
`;

/** Waits until a toast has said this, each time anew. */
export async function told(page: Page, ...words: (string | RegExp)[]): Promise<void> {
  for (const line of words)
    try {
      await waitFor(() => page.evaluate(takeToasted, line), { what: 'the toast', timeoutMs: patienceMs });
    } catch (error) {
      const said = await page.evaluate<string>('globalThis.toasted.join("\\n")');
      throw new Error(`no toast said ${String(line)}, only:\n${said}`, { cause: error });
    }
}

function takeToasted(wanted: string | RegExp): boolean {
  const { toasted } = globalThis as unknown as { toasted: string[] };
  const at = toasted.findIndex((line) =>
    typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line),
  );
  return at >= 0 && toasted.splice(at, 1).length > 0;
}

/** Waits until nothing of it is to be seen. */
export async function missing(...things: Locator[]): Promise<void> {
  for (const thing of things) await thing.first().waitFor({ state: 'hidden' });
}

/** Waits until the page has this title. */
export async function titled(page: Page, title: RegExp): Promise<void> {
  await waitFor(async () => title.test(await page.title()), {
    what: `the title ${title.source}, which is ${await page.title()}`,
    timeoutMs: patienceMs,
  });
}

/** Waits until this stands in the field. */
export async function holds(field: Locator, value: string): Promise<void> {
  let found: string | undefined;
  try {
    await waitFor(async () => (found = await field.inputValue()) === value, {
      what: 'the value',
      timeoutMs: patienceMs,
    });
  } catch (error) {
    throw new Error(`${String(field)} holds “${found}”, not “${value}”`, { cause: error });
  }
}

/** Chooses in a combobox by keyboard: opens it, types, and takes what is offered then. */
export async function pick(combobox: Locator, typed: string): Promise<void> {
  const page = combobox.page();
  await combobox.press('Enter');
  const field = page.getByRole('combobox').and(page.locator(':focus'));
  await sees(field);
  const list = page.locator(`[id="${await field.getAttribute('aria-controls')}"]`);
  await page.keyboard.type(typed);
  await holds(field, typed);
  await sees(list.getByRole('option'));
  await page.keyboard.press('Enter');
  await missing(list);
}

/**
 * Everything axe finds wrong with the page, one line each. It is a script, and the frame of a mail runs none: what stands in there is looked at
 * as a page of its own.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // What is about to be replaced is drawn paler.
  await page.locator('.opacity-60[aria-busy="true"]').first().waitFor({ state: 'detached' });
  const faults = await faultsOf(page);
  for (const frame of await page.locator('iframe').all()) {
    if (!(await frame.getAttribute('title'))) faults.push('frame-title: a frame has no title');
    const html = await (await page.request.get((await frame.getAttribute('src'))!)).text();
    const alone = await page.context().newPage();
    await alone.setContent(html);
    // its heading stands above the frame
    faults.push(...(await faultsOf(alone, ['page-has-heading-one'])).map((fault) => `in a frame: ${fault}`));
    await alone.close();
  }
  return faults;
}

/** Without frames none of what axe does across them is needed, and only what is wrong: it takes a third of the time. */
async function faultsOf(page: Page, without: string[] = []): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .exclude('iframe')
    .disableRules(without)
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** What makes the page wider than its window; nothing where it is not. A page that has just changed has a moment to fit itself. */
export async function tooWide(page: Page): Promise<string[]> {
  let wide: string[] = [];
  await waitFor(async () => (wide = await widerThan(page)).length === 0, {
    what: 'the page to fit',
    timeoutMs: 5_000,
  }).catch(() => undefined);
  return wide;
}

function widerThan(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth,
    );
    return wide.map((element) => element.outerHTML.slice(0, 120));
  })()`);
}

/** What has the focus: its label, or the words on it. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate<string>(
    `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''`,
  );
}

/** Waits until the focus is there. */
export async function focusIsOn(place: Locator): Promise<void> {
  await sees(place.and(place.page().locator(':focus')));
}

/**
 * What holds for every dialogue: opened by keyboard it takes the focus and keeps it, axe finds nothing, Escape closes it, and the focus
 * is back where it was. Then it is open again.
 */
export async function opensAndCloses(
  opener: Locator,
  name: string | RegExp,
  open: () => Promise<void> = () => opener.press('Enter'),
): Promise<Locator> {
  const page = opener.page();
  const dialogue = page.getByRole('dialog', { name });
  await open();
  await sees(dialogue);
  await sees(dialogue.locator(':focus'));
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await sees(dialogue.locator(':focus'));
  const faults = await accessibilityFaults(page);
  if (faults.length > 0) throw new Error(`${String(name)}:\n${faults.join('\n')}`);
  await page.keyboard.press('Escape');
  await missing(dialogue);
  await focusIsOn(opener);
  await open();
  await sees(dialogue);
  return dialogue;
}

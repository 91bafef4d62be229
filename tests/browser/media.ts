import fs from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { focusIsOn, missing, sees } from '../support/browser';
import { waitFor } from '../support/wait';
import type { Scene } from './scene';

const picture = path.resolve(__dirname, '../../prisma/seed/files/certificate.jpg');

export function testMedia(scene: () => Scene): void {
  it('a picture goes to the phone, a picture and a voice message come back', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate();
    await person.writes('What does the certificate look like?');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    await sees(page.getByLabel(`Message to ${person.name}`));
    await attach(page, picture);
    await sees(page.getByRole('list', { name: 'Attachments' }).getByText('certificate.jpg'));
    await page.getByLabel(`Message to ${person.name}`).fill('Like this one');
    await sees(page.getByRole('button', { name: 'Send', exact: true, disabled: false }));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await sees(page.getByRole('button', { name: 'Enlarge picture: Like this one' }));

    const phone = await visitors.phone(person.waId);
    await sees(phone.page.getByText('Like this one'));
    await drawn(phone.page.getByRole('img', { name: 'Like this one' }));

    await sendFile(phone.page, 'Photo or video', picture);
    const received = page.getByRole('article', { name: new RegExp(`^${person.name}`) });
    await drawn(received.getByRole('img', { name: 'Picture from the person' }));
    await sendFile(phone.page, 'Voice message', {
      name: 'voice.mp3',
      mimeType: 'audio/mpeg',
      buffer: silence(1),
    });
    const voice = received.getByLabel('Voice message').and(page.locator('audio'));
    await sees(voice);
    await waitFor(() => voice.evaluate((audio: Sound) => audio.duration > 0.5), {
      what: 'a voice message that can be played',
    });
    await voice.evaluate((audio: Sound) => audio.play());
    await waitFor(() => voice.evaluate((audio: Sound) => audio.currentTime > 0), {
      what: 'the sound of the voice message',
    });
  });

  it('refuses, with the reason, what WhatsApp does not take', async () => {
    const { visitors, candidate, product } = scene();
    const person = await candidate();
    await person.writes('Hello');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    await sees(page.getByLabel(`Message to ${person.name}`));
    const large = Buffer.alloc(6 * 1024 * 1024);
    fs.readFileSync(picture).copy(large);
    await attach(page, { name: 'large.jpg', mimeType: 'image/jpeg', buffer: large });
    await sees(page.getByRole('alert').filter({ hasText: 'The file is too large' }));
    await attach(page, {
      name: 'tool.exe',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('MZ\x90\0\x03'),
    });
    await sees(page.getByRole('alert').filter({ hasText: 'WhatsApp does not take this kind of file' }));
    await sees(page.getByRole('button', { name: 'Send', exact: true, disabled: true }));
    await page.getByRole('button', { name: 'Remove tool.exe' }).click();
    await page.getByRole('button', { name: 'Remove large.jpg' }).click();
    await missing(page.getByRole('list', { name: 'Attachments' }));
    expect(product.sandbox.control.messages({ number: person.waId })).toHaveLength(0);
  });

  it('answers to a message and reactions go both ways', async () => {
    const { visitors, candidate } = scene();
    const person = await candidate();
    await person.writes('When shall I come?');
    await person.writes('And where?');
    const { page, go } = await visitors.as('ruth');
    await go(`/inbox/${person.conversationId}`);
    const first = page.getByRole('article').filter({ hasText: 'When shall I come?' });
    await useTool(first, 'Reply');
    await sees(page.getByText(`Replying to ${person.name}`));
    await focusIsOn(page.getByLabel(`Message to ${person.name}`));
    await page.keyboard.type('On Monday at nine');
    await page.keyboard.press('Enter');
    const phone = await visitors.phone(person.waId);
    const answer = phone.page.getByRole('article').filter({ hasText: 'On Monday at nine' });
    await sees(answer.getByText('When shall I come?'));

    const second = page.getByRole('article').filter({ hasText: 'And where?' });
    await useTool(second, 'React');
    await page.getByRole('button', { name: 'Thumbs up' }).click();
    await sees(phone.page.getByRole('article').filter({ hasText: 'And where?' }).getByText('👍'));

    await answer.getByRole('button', { name: 'Reply or react' }).click();
    await phone.page.getByRole('button', { name: 'React with ❤️' }).click();
    const sent = page.getByRole('article').filter({ hasText: 'On Monday at nine' });
    await sees(sent.getByRole('list', { name: 'Reactions' }).getByText('❤️'));

    await answer.getByRole('button', { name: 'Reply or react' }).click();
    await phone.page.getByRole('button', { name: 'Reply', exact: true }).click();
    await focusIsOn(phone.page.getByRole('textbox', { name: 'Message' }));
    await phone.page.keyboard.type('I will be there');
    await phone.page.keyboard.press('Enter');
    const last = page.getByRole('article', { name: /I will be there/ });
    await sees(last.getByRole('button', { name: 'Go to the quoted message' }).getByText('On Monday at nine'));
  });
}

type Sound = { duration: number; currentTime: number; play(): Promise<void> };
type File = Parameters<Locator['setInputFiles']>[0];

async function attach(page: Page, file: File): Promise<void> {
  await page.locator('input[type=file]').setInputFiles(file);
}

async function sendFile(page: Page, button: string, file: File): Promise<void> {
  await page.getByRole('button', { name: 'Attach', exact: true }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await chooser).setFiles(file);
}

/** The tools of a message are there while the pointer is on it; what arrives meanwhile may push it from under the pointer. */
async function useTool(message: Locator, name: string): Promise<void> {
  const tool = message.getByRole('button', { name });
  await waitFor(
    async () => {
      await message.hover();
      return tool.isVisible();
    },
    { what: `the button ${name}` },
  );
  await tool.click();
}

/** A picture that is there and was understood. */
async function drawn(image: Locator): Promise<void> {
  await sees(image);
  await waitFor(
    () => image.first().evaluate((element: { naturalWidth: number }) => element.naturalWidth > 0),
    {
      what: 'the picture',
    },
  );
}

/** MPEG frames of nothing. */
function silence(seconds: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.writeUInt32BE(0xfffb9000);
  return Buffer.concat(Array.from({ length: Math.ceil((seconds * 44_100) / 1152) }, () => frame));
}

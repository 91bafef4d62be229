// A short sound and a notification of the browser: for what arrives while Parley is not being looked at.

let audio: AudioContext | null = null;

/** Browsers let a page sound only after somebody used it: the context is made on the first press of a key or button. */
export function prepareSound(): () => void {
  const prepare = () => {
    audio ??= typeof AudioContext === 'function' ? new AudioContext() : null;
    if (audio?.state === 'suspended') void audio.resume();
    remove();
  };
  const remove = () => {
    window.removeEventListener('pointerdown', prepare);
    window.removeEventListener('keydown', prepare);
  };
  window.addEventListener('pointerdown', prepare);
  window.addEventListener('keydown', prepare);
  return remove;
}

/** Two soft notes. */
export function playSound(): void {
  if (!audio || audio.state !== 'running') return;
  const start = audio.currentTime;
  for (const [index, frequency] of [659.3, 880].entries()) {
    const at = start + index * 0.11;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = 'sine';
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.12, at + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.32);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.35);
  }
}

export type BrowserPermission = 'default' | 'granted' | 'denied' | 'unsupported';

export function browserPermission(): BrowserPermission {
  return typeof Notification === 'function' && window.isSecureContext
    ? Notification.permission
    : 'unsupported';
}

export async function askBrowserPermission(): Promise<BrowserPermission> {
  return browserPermission() === 'unsupported' ? 'unsupported' : Notification.requestPermission();
}

export function showBrowserNotification({
  tag,
  title,
  body,
  onClick,
}: {
  tag: string;
  title: string;
  body: string;
  onClick: () => void;
}): void {
  if (browserPermission() !== 'granted') return;
  const shown = new Notification(title, { body, tag, silent: true });
  shown.onclick = () => {
    window.focus();
    onClick();
    shown.close();
  };
}

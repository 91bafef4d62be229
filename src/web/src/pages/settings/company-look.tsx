import { useEffect, useId, useState } from 'react';
import type { OrganizationSettings } from '../../../../contracts/organization';
import { brandColorPattern, inkOn, maxLogoBytes } from '../../../../domain/brand';
import { ApiError, putLogo } from '../../api';
import { refresh, useAction } from '../../queries';
import { AttachButton, BrandLogo, Button, Form, FormError, TextField, toast } from '../../ui';

const words = {
  title: 'Look',
  intro: 'Of the e-mails and pages that candidates see.',
  logo: 'Logo',
  logoHint: 'PNG, JPEG or WebP, up to 200 KB and 1200 × 600 pixels. Some mail programs do not show WebP.',
  noLogo: 'No logo: your company’s name stands in its place.',
  choose: 'Choose logo',
  remove: 'Remove',
  logoSaved: 'Logo saved',
  logoRemoved: 'Logo removed',
  tooLarge: 'The logo is larger than 200 KB. Save it smaller and choose it again.',
  color: 'Colour',
  colorHint:
    'Of buttons, such as #0b5d5e; their text is white or black, as can be read on it. Empty: Parley’s own.',
  picker: 'Choose colour',
  wrong: 'a colour is # and six of 0 to 9 and a to f, such as #0b5d5e',
  sample: 'See message',
  save: 'Save',
  saved: 'Saved',
};

const organization = 'GET /api/v1/organization';

/** The logo and the colour of what candidates see. */
export function CompanyLook({ saved }: { saved: OrganizationSettings }) {
  return (
    <section className="mt-10 max-w-md border-t border-line pt-6">
      <h3 className="font-display text-lg font-semibold">{words.title}</h3>
      <p className="mb-4 text-ink-2">{words.intro}</p>
      <Logo saved={saved} />
      <Color saved={saved.brandColor} />
    </section>
  );
}

function Logo({ saved }: { saved: OrganizationSettings }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const hintId = useId();
  const remove = useAction('DELETE /api/v1/organization/logo', {
    refresh: [organization],
    onSuccess: () => toast({ tone: 'ok', title: words.logoRemoved }),
    onError: setError,
  });

  async function choose(file: File | undefined) {
    if (!file) return;
    if (file.size > maxLogoBytes)
      return setError(new ApiError(413, { code: 'too_large', detail: words.tooLarge }));
    setError(null);
    setBusy(true);
    try {
      await putLogo(file);
      refresh(organization);
      toast({ tone: 'ok', title: words.logoSaved });
    } catch (failed) {
      if (failed instanceof ApiError) setError(failed);
      else throw failed;
    } finally {
      setBusy(false);
    }
  }

  return (
    <div role="group" aria-label={words.logo} aria-describedby={hintId} className="mb-6">
      <p className="mb-1 text-[0.9rem] font-medium">{words.logo}</p>
      {saved.logoUrl === null ? (
        <p className="mb-2 text-ink-2">{words.noLogo}</p>
      ) : (
        <BrandLogo
          brand={{ color: saved.brandColor, logoUrl: saved.logoUrl }}
          company={saved.name}
          className="mb-2 border border-line"
        />
      )}
      <div className="flex flex-wrap gap-2">
        <AttachButton
          label={words.choose}
          multiple={false}
          accept="image/png,image/jpeg,image/webp"
          busy={busy}
          onFiles={([file]) => void choose(file)}
        />
        {saved.logoUrl !== null && (
          <Button
            variant="quiet"
            busy={remove.isPending}
            disabled={busy}
            onClick={() => {
              setError(null);
              remove.mutate({});
            }}
          >
            {words.remove}
          </Button>
        )}
      </div>
      <p id={hintId} className="mt-1 mb-2 text-[0.87rem] text-ink-2">
        {words.logoHint}
      </p>
      <FormError error={error} />
    </div>
  );
}

function Color({ saved }: { saved: string | null }) {
  const [typed, setTyped] = useState(saved ?? '');
  useEffect(() => setTyped(saved ?? ''), [saved]);
  const [tried, setTried] = useState(false);
  const save = useAction('PATCH /api/v1/organization', {
    refresh: [organization],
    onSuccess: () => toast({ tone: 'ok', title: words.saved }),
  });
  const color = typed.trim().toLowerCase();
  const valid = brandColorPattern.test(color);
  const wrong = tried && !valid && color !== '';
  return (
    <Form
      error={save.error}
      className="space-y-4"
      onSubmit={() => {
        setTried(true);
        if (valid || color === '') save.mutate({ body: { brandColor: color === '' ? null : color } });
      }}
    >
      <div className="flex items-start gap-3">
        <TextField
          className="flex-1"
          label={words.color}
          hint={words.colorHint}
          maxLength={7}
          placeholder="#0b5d5e"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          error={save.error?.fieldError('brandColor') ?? (wrong ? words.wrong : undefined)}
          onChange={(event) => setTyped(event.target.value)}
        />
        <input
          type="color"
          aria-label={words.picker}
          value={valid ? color : '#0b5d5e'}
          className="mt-[1.52rem] h-10 w-12 shrink-0 rounded-lg border border-line-strong bg-surface p-1"
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      {valid && (
        <p>
          <span
            style={{ background: color, color: inkOn(color) }}
            className="inline-block rounded-lg px-4 py-2 font-medium"
          >
            {words.sample}
          </span>
        </p>
      )}
      <FormError error={save.error} shown={['brandColor']} />
      <Button type="submit" variant="primary" busy={save.isPending}>
        {words.save}
      </Button>
    </Form>
  );
}

import { useEffect, useState } from 'react';
import { useAction, useMe, useRoute } from '../../queries';
import { Button, ErrorState, Form, FormError, Skeleton, Switch, TextField, toast } from '../../ui';
import { SectionHead } from './section-head';
import { settingsText } from './text';

const words = settingsText.quietHours;
const usual = { from: '21:00', until: '08:00' };

/** R-SEND-10: the hours in which nothing is sent by itself. */
export function QuietHoursSection() {
  const setting = useRoute('GET /api/v1/quiet-hours', {});
  const { organization } = useMe();
  return (
    <div className="max-w-3xl">
      <SectionHead title={settingsText.nav.quietHours} intro={words.intro(organization.timeZone)} />
      {setting.isPending && <Skeleton className="h-40 max-w-md rounded-2xl" />}
      {setting.error && !setting.data && (
        <ErrorState error={setting.error} onRetry={() => void setting.refetch()} />
      )}
      {setting.data && <QuietHoursForm saved={setting.data.quietHours} />}
    </div>
  );
}

function QuietHoursForm({ saved }: { saved: { from: string; until: string } | null }) {
  const [on, setOn] = useState(saved !== null);
  const [hours, setHours] = useState(saved ?? usual);
  useEffect(() => {
    setOn(saved !== null);
    if (saved) setHours(saved);
  }, [saved]);
  const save = useAction('PUT /api/v1/quiet-hours', {
    refresh: ['GET /api/v1/quiet-hours'],
    onSuccess: () => toast({ tone: 'ok', title: words.saved }),
  });
  const same = on && hours.from === hours.until;
  return (
    <Form
      error={save.error}
      className="max-w-md space-y-4"
      onSubmit={() => {
        if (!same) save.mutate({ body: { quietHours: on ? hours : null } });
      }}
    >
      <Switch label={words.on} hint={words.onHint} checked={on} onChange={setOn} />
      {on && (
        <div className="flex gap-4">
          <TextField
            label={words.from}
            type="time"
            required
            className="flex-1"
            value={hours.from}
            onChange={(event) => setHours({ ...hours, from: event.target.value })}
          />
          <TextField
            label={words.until}
            type="time"
            required
            className="flex-1"
            value={hours.until}
            error={same ? words.same : save.error?.fieldError('quietHours.until')}
            onChange={(event) => setHours({ ...hours, until: event.target.value })}
          />
        </div>
      )}
      <p className="text-[0.9rem] text-ink-2">{words.hint}</p>
      <FormError error={save.error} shown={['quietHours.until']} />
      <Button type="submit" variant="primary" busy={save.isPending}>
        {words.save}
      </Button>
    </Form>
  );
}

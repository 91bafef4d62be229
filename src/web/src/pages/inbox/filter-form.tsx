import type { Channel } from '../../../../contracts/common';
import type { ChatStatus } from '../../../../contracts/conversations';
import { useUsers } from '../../queries';
import { text } from '../../text';
import { Button, Checkbox, Combobox, SelectField } from '../../ui';
import { VacancyField } from '../../vacancy-field';
import type { InboxFilters } from './use-inbox';

const words = text.inbox;
const statuses: ChatStatus[] = ['active', 'open', 'closed'];
const channels: Channel[] = ['whatsapp', 'sms', 'email', 'page'];

export function FilterForm({
  filters,
  onChange,
}: {
  filters: InboxFilters;
  onChange: (filters: InboxFilters) => void;
}) {
  const users = useUsers();
  const set = (next: InboxFilters) => onChange(withoutEmpty({ ...filters, ...next }));
  return (
    <div className="space-y-3">
      <Checkbox
        label={words.onlyUnanswered}
        checked={filters.unanswered === true}
        onChange={(checked) => set({ unanswered: checked || undefined })}
      />
      <SelectField
        label={words.status}
        value={filters.status ?? ''}
        options={[
          { value: '', label: words.any },
          ...statuses.map((value) => ({ value, label: text.status[value] })),
        ]}
        onChange={(event) => set({ status: (event.target.value || undefined) as ChatStatus | undefined })}
      />
      <SelectField
        label={words.channel}
        value={filters.channel ?? ''}
        options={[
          { value: '', label: words.any },
          ...channels.map((value) => ({ value, label: text.channels[value] })),
        ]}
        onChange={(event) => set({ channel: (event.target.value || undefined) as Channel | undefined })}
      />
      <VacancyField
        label={words.vacancy}
        placeholder={words.any}
        clearable
        value={filters.vacancyId ?? null}
        onChange={(vacancyId) => set({ vacancyId: vacancyId ?? undefined })}
      />
      <Combobox
        label={words.owner}
        placeholder={words.any}
        clearable
        busy={users.isPending}
        options={(users.data?.items ?? []).map(({ id, name, role }) => ({
          value: id,
          label: name,
          hint: text.roles[role],
        }))}
        value={filters.ownerId ?? null}
        onChange={(ownerId) => set({ ownerId: ownerId ?? undefined })}
      />
      <Button size="sm" className="w-full" onClick={() => onChange({})}>
        {words.clearFilters}
      </Button>
    </div>
  );
}

function withoutEmpty(filters: InboxFilters): InboxFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

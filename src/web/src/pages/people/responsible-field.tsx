import { useMe, useUsers } from '../../queries';
import { text } from '../../text';
import { Combobox } from '../../ui';
import { peopleText } from './text';

/** The user who owns a person's file. */
export function ResponsibleField({
  value,
  selectedLabel,
  disabled,
  hideLabel,
  onChange,
}: {
  value: string | null;
  selectedLabel?: string;
  disabled?: boolean;
  hideLabel?: boolean;
  onChange: (userId: string | null) => void;
}) {
  const users = useUsers();
  const me = useMe();
  return (
    <Combobox
      label={peopleText.form.responsible}
      hideLabel={hideLabel}
      clearable
      disabled={disabled}
      busy={users.isPending}
      value={value}
      selectedLabel={selectedLabel}
      placeholder={peopleText.noResponsible}
      onChange={onChange}
      options={(users.data?.items ?? [])
        .filter((user) => user.state !== 'deactivated')
        .map((user) => ({
          value: user.id,
          label: user.id === me.user.id ? `${user.name} (${text.common.you})` : user.name,
          hint: text.roles[user.role],
        }))}
    />
  );
}

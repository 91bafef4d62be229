import type { ContactPoint } from '../../../../contracts/people';
import { peopleText } from './text';

type PhoneType = ContactPoint['phoneType'];
const phoneTypes: PhoneType[] = ['mobile', 'landline', 'voip'];

export const phoneTypeOptions = [
  { value: '', label: peopleText.phoneTypes.auto },
  ...phoneTypes.map((value) => ({ value, label: peopleText.phoneTypes[value] })),
];

/** Undefined: the server tells it from the number. */
export function toPhoneType(value: string): PhoneType | undefined {
  return phoneTypes.find((type) => type === value);
}

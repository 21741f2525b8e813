import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The first and the last day of a period, both in it. */
export function DateFields({
  first,
  last,
  least,
  most,
  onChange,
}: {
  first: string;
  last: string;
  least?: string;
  most?: string;
  onChange: (first: string, last: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <TextInput
        type="date"
        label={t('history.from')}
        value={first}
        max={last}
        {...(least === undefined ? {} : { min: least })}
        onChange={({ currentTarget: { value } }) => value !== '' && onChange(value, last)}
      />
      <TextInput
        type="date"
        label={t('history.to')}
        value={last}
        min={first}
        {...(most === undefined ? {} : { max: most })}
        onChange={({ currentTarget: { value } }) => value !== '' && onChange(first, value)}
      />
    </>
  );
}

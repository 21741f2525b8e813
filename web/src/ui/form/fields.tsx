/** The fields of the settings' forms. Each says below its name what it means. */
import { NativeSelect, NumberInput, Switch, TagsInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Common {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly placeholder?: string | undefined;
}

const shared = ({ label, help, error, required, disabled, placeholder }: Common) => ({
  label,
  // A word says so, not an asterisk: the server is the one that insists.
  'aria-required': required ?? false,
  disabled: disabled ?? false,
  ...(help === undefined ? {} : { description: help }),
  ...(error === undefined ? {} : { error }),
  ...(placeholder === undefined ? {} : { placeholder }),
});

export function TextField({
  value,
  onChange,
  type = 'text',
  suggestions,
  ...rest
}: Common & {
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'password' | 'url' | 'date' | 'time';
  suggestions?: readonly string[];
}) {
  const list = suggestions === undefined ? undefined : `list-${rest.label.replace(/\W+/g, '-')}`;
  return (
    <>
      <TextInput
        {...shared(rest)}
        type={type}
        value={value}
        {...(list === undefined ? {} : { list })}
        autoComplete={type === 'password' ? 'new-password' : 'off'}
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {list !== undefined && (
        <datalist id={list}>
          {suggestions?.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  );
}

type Unit = 'seconds' | 'percent' | 'none';

/** A number, or null where nothing is written. A share is typed in percent and kept from 0 to 1. */
export function NumberField({
  value,
  onChange,
  unit = 'none',
  min,
  max,
  ...rest
}: Common & {
  value: number | null;
  onChange: (value: number | null) => void;
  unit?: Unit;
  min?: number;
  max?: number;
}) {
  const { i18n } = useTranslation();
  const scale = unit === 'percent' ? 100 : 1;
  const suffix = { seconds: '\u202fs', percent: '\u202f%', none: '' }[unit];
  return (
    <NumberInput
      {...shared(rest)}
      value={value === null ? '' : Math.round(value * scale * 1e6) / 1e6}
      suffix={suffix}
      decimalSeparator={i18n.resolvedLanguage === 'fr' ? ',' : '.'}
      decimalScale={unit === 'none' ? 0 : 3}
      allowNegative={min === undefined || min < 0}
      {...(max === undefined ? {} : { max: max * scale })}
      hideControls
      onChange={(typed) => {
        const number = typeof typed === 'number' ? typed : Number.parseFloat(typed);
        onChange(Number.isFinite(number) ? number / scale : null);
      }}
    />
  );
}

export function ChoiceField<T extends string>({
  value,
  onChange,
  choices,
  ...rest
}: Common & {
  value: T;
  onChange: (value: T) => void;
  choices: readonly { readonly value: T; readonly label: string }[];
}) {
  return (
    <NativeSelect
      {...shared(rest)}
      value={value}
      data={choices.map((one) => ({ ...one }))}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    />
  );
}

/** Several words; Enter or a comma ends one. */
export function ListField({
  value,
  onChange,
  suggestions = [],
  ...rest
}: Common & {
  value: readonly string[];
  onChange: (value: string[]) => void;
  suggestions?: readonly string[];
}) {
  const { t } = useTranslation();
  const { placeholder = t('settings.form.addOne'), ...others } = rest;
  return (
    <TagsInput
      {...shared({ ...others, placeholder: value.length === 0 ? placeholder : undefined })}
      value={[...value]}
      data={suggestions.filter((one) => !value.includes(one))}
      splitChars={[',', ';']}
      acceptValueOnBlur
      clearable={false}
      onChange={onChange}
    />
  );
}

export function SwitchField({
  value,
  onChange,
  ...rest
}: Common & { value: boolean; onChange: (value: boolean) => void }) {
  const { 'aria-required': _, ...common } = shared(rest);
  return (
    <Switch
      {...common}
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

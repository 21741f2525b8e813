import { ActionIcon, NativeSelect } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Condition } from '../../../api/types';
import { ChoiceField, ListField, NumberField } from '../../../ui/form/fields';
import type { Editor } from '../parts/use-editor';
import { emptyCondition, lasts, type Metric, metricsFor, type RuleForm, unitOf } from './body';
import styles from './Rules.module.css';

interface Props {
  readonly editor: Editor<RuleForm>;
  readonly condition: Condition;
  readonly place: number;
}

/** One condition: what is looked at, and the limits that its unit allows. */
export function ConditionFields({ editor, condition, place }: Props) {
  const { t } = useTranslation();
  const { form, set } = editor;
  const { metric } = condition;
  const change = (next: Partial<Condition>) =>
    set((value) => ({
      ...value,
      when: value.when.map((one, n) => (n === place ? { ...one, ...next } : one)),
    }));
  const remove = () =>
    set((value) => ({ ...value, when: value.when.filter((_, n) => n !== place) }));
  const metrics = metricsFor(form.kind);
  const group = (names: readonly Metric[]) =>
    names.map((value) => ({ value, label: t(`settings.metric.${value}`) }));
  const name = t('settings.rule.condition', { number: place + 1 });
  return (
    <fieldset className={styles.condition}>
      <legend className="sr-only">{name}</legend>
      <NativeSelect
        label={t('settings.field.metric')}
        value={metric}
        onChange={(event) => change(emptyCondition(event.currentTarget.value as Metric))}
        data={[
          ...(metrics.caller.length > 0
            ? [{ group: t('settings.rule.ofCaller'), items: group(metrics.caller) }]
            : []),
          { group: t('settings.rule.ofQueue'), items: group(metrics.queue) },
        ]}
      />
      <Limits editor={editor} condition={condition} place={place} change={change} />
      <ActionIcon
        className={styles.remove}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('settings.rule.removeCondition', { number: place + 1 })}
        title={t('settings.rule.removeCondition', { number: place + 1 })}
        onClick={remove}
      >
        <IconTrash size={17} />
      </ActionIcon>
      <p data-help>{t(`settings.metricHelp.${metric}`)}</p>
    </fieldset>
  );
}

function Limits({
  editor,
  condition,
  place,
  change,
}: Props & { change: (next: Partial<Condition>) => void }) {
  const { t } = useTranslation();
  const unit = unitOf(condition.metric);
  const error = (field: string) => editor.error(`when.${place}.${field}`);
  if (unit === 'words') {
    return (
      <>
        <ListField
          label={t('settings.field.one_of')}
          value={condition.one_of}
          placeholder="01*"
          error={error('one_of')}
          onChange={(one_of) => change({ one_of })}
        />
        <ListField
          label={t('settings.field.none_of')}
          value={condition.none_of}
          placeholder="anonymous"
          error={error('none_of')}
          onChange={(none_of) => change({ none_of })}
        />
      </>
    );
  }
  if (unit === 'yes_or_no') {
    return (
      <div data-wide>
        <ChoiceField
          label={t('settings.rule.is')}
          value={(condition.at_least ?? 0) >= 1 ? 'open' : 'closed'}
          choices={(['open', 'closed'] as const).map((value) => ({
            value,
            label: t(`settings.says.${value}`),
          }))}
          onChange={(is) =>
            change(is === 'open' ? { at_least: 1, at_most: null } : { at_least: null, at_most: 0 })
          }
        />
      </div>
    );
  }
  const kind = unit === 'seconds' ? 'seconds' : unit === 'share' ? 'percent' : 'none';
  const lasting = lasts(editor.form.kind);
  const number = (field: 'at_least' | 'at_most' | 'release_below' | 'release_above') => (
    <NumberField
      label={t(`settings.field.${field}`)}
      unit={kind}
      value={condition[field] ?? null}
      error={error(field)}
      {...(condition.metric === 'time_left' ? {} : { min: 0 })}
      onChange={(value) => change({ [field]: value })}
    />
  );
  return (
    <>
      {number('at_least')}
      {number('at_most')}
      {lasting && condition.at_least != null && number('release_below')}
      {lasting && condition.at_most != null && number('release_above')}
    </>
  );
}

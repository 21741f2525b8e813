import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ChoiceField, ListField, NumberField, TextField } from '../../../ui/form/fields';
import { Wide } from '../../../ui/form/Section';
import { useLiveLabels } from '../../../ui/queue-label';
import { useKnown } from '../parts/known';
import type { Editor } from '../parts/use-editor';
import type { Actions, RuleForm } from './body';
import styles from './Rules.module.css';

const LAMP_STATES = ['NOT_INUSE', 'INUSE', 'RINGING', 'BUSY', 'UNAVAILABLE', 'ONHOLD'] as const;

interface Part<K extends keyof Actions> {
  readonly value: Actions[K];
  error(field: string): string | undefined;
  change(value: Actions[K]): void;
}

/** The fields of the chosen action. */
export function ActionFields({ editor }: { editor: Editor<RuleForm> }) {
  const { form, set } = editor;
  const part = <K extends keyof Actions>(kind: K): Part<K> => ({
    value: form.actions[kind],
    error: (field) => editor.error(`do.${kind}.${field}`) ?? editor.error(`do.${kind}`),
    change: (value) => set((all) => ({ ...all, actions: { ...all.actions, [kind]: value } })),
  });
  switch (form.kind) {
    case 'withdraw':
    case 'redirect':
      return <PlaceFields {...part(form.kind)} />;
    case 'prioritise':
      return <PrioritiseFields {...part('prioritise')} />;
    case 'add_members':
      return <HelperFields {...part('add_members')} />;
    case 'penalty':
      return <PenaltyFields {...part('penalty')} />;
    case 'variable':
      return <VariableFields {...part('variable')} />;
    case 'database':
      return <DatabaseFields {...part('database')} />;
    case 'lamp':
      return <LampFields {...part('lamp')} />;
  }
}

function PlaceFields({ value, error, change }: Part<'withdraw'>) {
  const { t } = useTranslation();
  const labels = useLiveLabels();
  const { contexts } = useKnown();
  return (
    <>
      <TextField
        label={t('settings.field.context')}
        help={t('settings.help.placeContext')}
        value={value.context}
        required
        suggestions={contexts}
        error={error('context')}
        onChange={(context) => change({ ...value, context })}
      />
      <TextField
        label={t('settings.field.exten')}
        help={t('settings.help.placeExten')}
        value={value.exten}
        error={error('exten')}
        onChange={(exten) => change({ ...value, exten })}
      />
      <NumberField
        label={t('settings.field.placePriority')}
        help={t('settings.help.placePriority')}
        value={value.priority}
        error={error('priority')}
        onChange={(priority) => change({ ...value, priority: priority ?? 1 })}
      />
      <TextField
        label={t('settings.field.targetQueue')}
        help={t('settings.help.placeQueue')}
        value={value.queue}
        suggestions={[...labels.keys()]}
        error={error('queue')}
        onChange={(queue) => change({ ...value, queue })}
      />
    </>
  );
}

function PrioritiseFields({ value, error, change }: Part<'prioritise'>) {
  const { t } = useTranslation();
  return (
    <NumberField
      label={t('settings.field.prioritise')}
      help={t('settings.help.prioritise')}
      value={value}
      error={error('')}
      onChange={(priority) => change(priority ?? 0)}
    />
  );
}

function HelperFields({ value, error, change }: Part<'add_members'>) {
  const { t } = useTranslation();
  const { members } = useKnown();
  const put = (place: number, next: Partial<(typeof value)[number]>) =>
    change(value.map((one, n) => (n === place ? { ...one, ...next } : one)));
  return (
    <Wide>
      {value.map((helper, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a helper's own name is being typed
        <fieldset key={n} className={styles.condition}>
          <legend className="sr-only">{t('settings.rule.helper', { number: n + 1 })}</legend>
          <TextField
            label={t('settings.field.interface')}
            value={helper.interface}
            placeholder="PJSIP/901"
            required
            suggestions={[...members.keys()]}
            error={error(`${n}.interface`)}
            onChange={(name) =>
              put(n, { interface: name, name: helper.name || (members.get(name) ?? '') })
            }
          />
          <TextField
            label={t('settings.field.agentName')}
            value={helper.name}
            error={error(`${n}.name`)}
            onChange={(name) => put(n, { name })}
          />
          <NumberField
            label={t('settings.field.penalty')}
            value={helper.penalty}
            error={error(`${n}.penalty`)}
            onChange={(penalty) => put(n, { penalty: penalty ?? 0 })}
          />
          <ActionIcon
            className={styles.remove}
            variant="subtle"
            color="gray"
            size="lg"
            disabled={value.length === 1}
            aria-label={t('settings.rule.removeHelper', { number: n + 1 })}
            onClick={() => change(value.filter((_, place) => place !== n))}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </fieldset>
      ))}
      <Button
        variant="light"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          change([...value, { interface: '', name: '', penalty: 0, state_interface: '' }])
        }
      >
        {t('settings.rule.addHelper')}
      </Button>
    </Wide>
  );
}

function PenaltyFields({ value, error, change }: Part<'penalty'>) {
  const { t } = useTranslation();
  const { members } = useKnown();
  return (
    <>
      <ListField
        label={t('settings.field.interfaces')}
        help={t('settings.help.interfaces')}
        value={value.interfaces}
        placeholder="PJSIP/back*"
        suggestions={[...members.keys()]}
        error={error('interfaces')}
        onChange={(interfaces) => change({ ...value, interfaces })}
      />
      <NumberField
        label={t('settings.field.penalty')}
        help={t('settings.help.penalty')}
        value={value.penalty}
        error={error('penalty')}
        onChange={(penalty) => change({ ...value, penalty: penalty ?? 0 })}
      />
    </>
  );
}

function VariableFields({ value, error, change }: Part<'variable'>) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        label={t('settings.field.variableName')}
        help={t('settings.help.variableName')}
        value={value.name}
        required
        error={error('name')}
        onChange={(name) => change({ ...value, name })}
      />
      <OnOff value={value} error={error} change={(next) => change({ ...value, ...next })} />
    </>
  );
}

function DatabaseFields({ value, error, change }: Part<'database'>) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        label={t('settings.field.family')}
        help={t('settings.help.family')}
        value={value.family}
        required
        error={error('family')}
        onChange={(family) => change({ ...value, family })}
      />
      <TextField
        label={t('settings.field.key')}
        value={value.key}
        required
        error={error('key')}
        onChange={(key) => change({ ...value, key })}
      />
      <OnOff value={value} error={error} change={(next) => change({ ...value, ...next })} />
    </>
  );
}

function OnOff({
  value,
  error,
  change,
}: {
  value: { on: string; off: string };
  error(field: string): string | undefined;
  change(next: { on?: string; off?: string }): void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        label={t('settings.field.on')}
        value={value.on}
        error={error('on')}
        onChange={(on) => change({ on })}
      />
      <TextField
        label={t('settings.field.off')}
        value={value.off}
        error={error('off')}
        onChange={(off) => change({ off })}
      />
    </>
  );
}

function LampFields({ value, error, change }: Part<'lamp'>) {
  const { t } = useTranslation();
  const choices = LAMP_STATES.map((state) => ({ value: state, label: state }));
  return (
    <>
      <TextField
        label={t('settings.field.lampName')}
        help={t('settings.help.lampName')}
        value={value.name}
        required
        error={error('name')}
        onChange={(name) => change({ ...value, name })}
      />
      <ChoiceField
        label={t('settings.field.on')}
        value={value.on}
        choices={choices}
        error={error('on')}
        onChange={(on) => change({ ...value, on })}
      />
      <ChoiceField
        label={t('settings.field.off')}
        value={value.off}
        choices={choices}
        error={error('off')}
        onChange={(off) => change({ ...value, off })}
      />
    </>
  );
}

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import {
  ChoiceField,
  ListField,
  NumberField,
  SwitchField,
  TextField,
} from '../../../ui/form/fields';
import { Card, Fields, Wide } from '../../../ui/form/Section';
import { useLiveLabels } from '../../../ui/queue-label';
import { useKnown } from '../parts/known';
import { SpansEditor } from '../parts/SpansEditor';
import type { Editor } from '../parts/use-editor';
import { ActionFields } from './ActionFields';
import { ACTION_KINDS, emptyCondition, lasts, metricsFor, type RuleForm, slug } from './body';
import { ConditionFields } from './ConditionFields';

interface Props {
  readonly editor: Editor<RuleForm>;
  readonly isNew: boolean;
}

export function RuleFields({ editor, isNew }: Props) {
  return (
    <>
      <Who editor={editor} isNew={isNew} />
      <What editor={editor} />
      <When editor={editor} />
      <Limits editor={editor} />
    </>
  );
}

function Who({ editor, isNew }: Props) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const labels = useLiveLabels();
  const { pbxs, voiceServers } = useKnown();
  const redirects = form.kind === 'redirect';
  return (
    <Card title={t('settings.rule.who')}>
      <Fields>
        <TextField
          label={t('settings.field.name')}
          help={t('settings.help.ruleName')}
          value={form.name}
          error={error('name')}
          onChange={(name) =>
            set(isNew && form.id === slug(form.name) ? { name, id: slug(name) } : { name })
          }
        />
        <TextField
          label={t('settings.field.id')}
          help={isNew ? t('settings.help.ruleId') : t('settings.help.ruleIdFixed')}
          value={form.id}
          disabled={!isNew}
          required
          error={error('id')}
          onChange={(id) => set({ id })}
        />
        {redirects ? (
          <ListField
            label={t('settings.field.voice_servers')}
            help={t('settings.help.ruleVoiceServers')}
            value={form.voice_servers}
            suggestions={[...voiceServers, '*']}
            error={error('voice_servers')}
            onChange={(voice_servers) => set({ voice_servers })}
          />
        ) : (
          <ListField
            label={t('settings.field.queues')}
            help={t('settings.help.ruleQueues')}
            value={form.queues}
            suggestions={[...labels.keys(), '*']}
            error={error('queues')}
            onChange={(queues) => set({ queues })}
          />
        )}
        <ChoiceField
          label={t('settings.field.pbx')}
          help={t('settings.help.rulePbx')}
          value={form.pbx}
          choices={[
            { value: '', label: t('settings.form.everyPbx') },
            ...pbxs.map((name) => ({ value: name, label: name })),
          ]}
          error={error('pbx')}
          onChange={(pbx) => set({ pbx })}
        />
      </Fields>
    </Card>
  );
}

function What({ editor }: { editor: Editor<RuleForm> }) {
  const { t } = useTranslation();
  const { form, set } = editor;
  return (
    <Card title={t('settings.rule.what')} lead={t(`settings.actionHelp.${form.kind}`)}>
      <Fields>
        <Wide>
          <ChoiceField
            label={t('settings.field.do')}
            value={form.kind}
            choices={ACTION_KINDS.map((value) => ({ value, label: t(`settings.action.${value}`) }))}
            onChange={(kind) =>
              set((value) => ({
                ...value,
                kind,
                when: value.when.filter(
                  ({ metric }) => !lasts(kind) || metricsFor(kind).queue.includes(metric),
                ),
              }))
            }
          />
        </Wide>
        <ActionFields editor={editor} />
        {form.kind === 'withdraw' && (
          <ChoiceField
            label={t('settings.field.how')}
            help={t(`settings.howHelp.${form.how}`)}
            value={form.how}
            choices={(['tell', 'ask', 'both'] as const).map((value) => ({
              value,
              label: t(`settings.value.how_${value}`),
            }))}
            error={editor.error('how')}
            onChange={(how) => set({ how })}
          />
        )}
      </Fields>
    </Card>
  );
}

function When({ editor }: { editor: Editor<RuleForm> }) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const metric = lasts(form.kind) ? 'waiting' : 'time_left';
  return (
    <Card title={t('settings.rule.when')} lead={t('settings.rule.whenLead')}>
      {form.when.map((condition, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no name, only its place
        <ConditionFields key={n} editor={editor} condition={condition} place={n} />
      ))}
      {error('when') !== undefined && <p role="alert">{error('when')}</p>}
      <Button
        variant="light"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => set({ when: [...form.when, emptyCondition(metric)] })}
      >
        {t('settings.rule.addCondition')}
      </Button>
    </Card>
  );
}

function Limits({ editor }: { editor: Editor<RuleForm> }) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const moves = form.kind === 'withdraw' || form.kind === 'redirect';
  return (
    <Card title={t('settings.rule.limits')}>
      <Fields>
        <NumberField
          label={t('settings.field.priority')}
          help={t('settings.help.rulePriority')}
          value={form.priority}
          error={error('priority')}
          onChange={(priority) => set({ priority: priority ?? 0 })}
        />
        <NumberField
          label={t('settings.field.cool_down')}
          help={t(lasts(form.kind) ? 'settings.help.coolDownLasting' : 'settings.help.coolDown')}
          unit="seconds"
          value={form.cool_down}
          error={error('cool_down')}
          onChange={(cool_down) => set({ cool_down: cool_down ?? 0 })}
        />
        {moves && (
          <>
            <NumberField
              label={t('settings.field.at_most')}
              help={t('settings.help.atMost')}
              value={form.at_most}
              error={error('at_most')}
              onChange={(at_most) => set({ at_most: at_most ?? 1 })}
            />
            <NumberField
              label={t('settings.field.per')}
              help={t('settings.help.per')}
              unit="seconds"
              value={form.per}
              error={error('per')}
              onChange={(per) => set({ per: per ?? 60 })}
            />
            <NumberField
              label={t('settings.field.hops')}
              help={t('settings.help.hops')}
              value={form.hops}
              error={error('hops')}
              onChange={(hops) => set({ hops: hops ?? 1 })}
            />
            <SwitchField
              label={t('settings.field.only_if_better')}
              help={t('settings.help.onlyIfBetter')}
              value={form.only_if_better}
              onChange={(only_if_better) => set({ only_if_better })}
            />
          </>
        )}
        <Wide>
          <SpansEditor
            label={t('settings.field.active')}
            help={t('settings.help.active')}
            none={t('settings.rule.alwaysActive')}
            value={form.active}
            error={error('active')}
            onChange={(active) => set({ active })}
          />
        </Wide>
      </Fields>
    </Card>
  );
}

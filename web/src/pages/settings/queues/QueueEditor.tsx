import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { QueueItem, QueueSettings, Settings } from '../../../api/types';
import { Notice } from '../../../shell/Notice';
import { ChoiceField, NumberField, TextField } from '../../../ui/form/fields';
import { Card, Fields, Section, Wide } from '../../../ui/form/Section';
import { FORMULAS, type Formula, NEW_QUEUE, queueForm, withoutNulls } from '../parts/bodies';
import { FormulaWords } from '../parts/FormulaWords';
import { DeleteItem, ItemForm } from '../parts/ItemForm';
import { Origin } from '../parts/Origin';
import { useUnits } from '../parts/units';
import { type Editor, useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveItem } from '../queries';
import { thresholds } from './QueueList';
import { useSeenQueues } from './seen';

export function QueueEditor() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  return (
    <WithSettings>
      {(settings) => {
        const item = settings.queue.find((one) => one.id === id) ?? null;
        if (item === null && id !== 'new') return <Notice>{t('settings.form.gone')}</Notice>;
        return <Form key={id} item={item} settings={settings} />;
      }}
    </WithSettings>
  );
}

function Form({ item, settings }: { item: QueueItem | null; settings: Settings }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const editor = useEditor<QueueSettings, QueueItem>({
    key: `queues/${item?.id ?? 'new'}`,
    saved: item === null ? NEW_QUEUE : queueForm(item.body),
    version: item?.version ?? null,
    save: (form, version) => saveItem('queue', item?.id ?? null, withoutNulls(form), version),
    onSaved: async (stored) => {
      await refresh();
      if (item === null) void navigate(`/settings/queues/${encodeURIComponent(stored.id)}`);
    },
    refresh,
    check: (form) =>
      checkQueue(form, settings, t('settings.check.missing'), t('settings.check.risk')),
  });
  return (
    <Section
      title={item === null ? t('settings.queues.newTitle') : item.body.label || item.body.name}
      lead={t('settings.queues.formLead')}
      back={{ to: '/settings/queues', label: t('settings.nav.queues') }}
      actions={
        item !== null && (
          <DeleteItem kind="queue" item={item} back="/settings/queues">
            <p>{t('settings.queues.deleteMeans')}</p>
          </DeleteItem>
        )
      }
    >
      {item !== null && <Origin item={item} />}
      <ItemForm editor={editor} item={item} toBody={withoutNulls}>
        <Names editor={editor} item={item} settings={settings} />
        <Commitment editor={editor} settings={settings} />
      </ItemForm>
    </Section>
  );
}

export function checkQueue(
  form: QueueSettings,
  settings: Pick<Settings, 'commitment'>,
  missing: string,
  risk: string,
): Record<string, string> {
  const found: Record<string, string> = {};
  if (form.name.trim() === '') found.name = missing;
  const limits = thresholds(form, settings.commitment.body);
  if (limits.risk >= limits.within) found.at_risk_after = risk;
  return found;
}

interface Part {
  readonly editor: Editor<QueueSettings>;
  readonly settings: Settings;
}

function Names({ editor, item, settings }: Part & { item: QueueItem | null }) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const seen = useSeenQueues();
  return (
    <Card title={t('settings.queues.names')}>
      <Fields>
        <TextField
          label={t('settings.field.name')}
          help={t(item === null ? 'settings.help.queueName' : 'settings.help.fixed')}
          value={form.name}
          disabled={item !== null}
          required
          suggestions={[...new Set(seen.map((one) => one.name))]}
          error={error('name')}
          onChange={(name) => set({ name })}
        />
        <ChoiceField
          label={t('settings.field.pbx')}
          help={t('settings.help.queuePbx')}
          value={form.pbx}
          disabled={item !== null}
          choices={[
            { value: '', label: t('settings.form.everyPbx') },
            ...settings.pbx.map(({ id }) => ({ value: id, label: id })),
          ]}
          error={error('pbx')}
          onChange={(pbx) => set({ pbx })}
        />
        <TextField
          label={t('settings.field.label')}
          help={t('settings.help.label')}
          value={form.label}
          placeholder={form.name}
          error={error('label')}
          onChange={(label) => set({ label })}
        />
      </Fields>
    </Card>
  );
}

function Commitment({ editor, settings }: Part) {
  const { t } = useTranslation();
  const units = useUnits();
  const { form, set, error } = editor;
  const commitment = settings.commitment.body;
  const inherited = thresholds({ ...form, at_risk_after: null }, commitment);
  const formula = form.service_level ?? commitment.service_level;
  return (
    <Card title={t('settings.queues.promise')} lead={t('settings.queues.promiseLead')}>
      <Fields>
        <NumberField
          label={t('settings.field.within')}
          help={t('settings.help.within')}
          unit="seconds"
          min={0}
          value={form.within ?? null}
          placeholder={t('settings.form.asCommitment', { value: units.seconds(commitment.within) })}
          error={error('within')}
          onChange={(within) => set({ within })}
        />
        <NumberField
          label={t('settings.field.at_risk_after')}
          help={t('settings.help.atRisk')}
          unit="seconds"
          min={0}
          value={form.at_risk_after ?? null}
          placeholder={t('settings.form.asUsual', { value: units.seconds(inherited.risk) })}
          error={error('at_risk_after')}
          onChange={(at_risk_after) => set({ at_risk_after })}
        />
        <NumberField
          label={t('settings.field.target')}
          help={t('settings.help.target')}
          unit="percent"
          min={0}
          value={form.target ?? null}
          placeholder={
            commitment.target == null
              ? t('settings.form.none')
              : t('settings.form.asCommitment', { value: units.share(commitment.target) })
          }
          error={error('target')}
          onChange={(target) => set({ target })}
        />
        <ChoiceField<Formula | ''>
          label={t('settings.field.service_level')}
          help={t('settings.help.formula')}
          value={form.service_level ?? ''}
          choices={[
            {
              value: '',
              label: t('settings.form.asCommitment', {
                value: t(`formula.${commitment.service_level}`),
              }),
            },
            ...FORMULAS.map((value) => ({ value, label: t(`formula.${value}`) })),
          ]}
          error={error('service_level')}
          onChange={(value) => set({ service_level: value === '' ? null : value })}
        />
        <ChoiceField
          label={t('settings.field.calendar')}
          help={t('settings.help.queueCalendar')}
          value={form.calendar}
          choices={[
            { value: '', label: t('settings.form.asCentre') },
            ...settings.calendar.map(({ id }) => ({ value: id, label: id })),
          ]}
          error={error('calendar')}
          onChange={(calendar) => set({ calendar })}
        />
        <Wide>
          <FormulaWords formula={formula} />
        </Wide>
      </Fields>
    </Card>
  );
}

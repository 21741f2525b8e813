import { useTranslation } from 'react-i18next';
import type { CommitmentSettings, Settings } from '../../../api/types';
import { ChoiceField, ListField, NumberField } from '../../../ui/form/fields';
import { Card, Fields, Section, Wide } from '../../../ui/form/Section';
import { AT_RISK_SHARE, commitmentBody, commitmentForm, FORMULAS } from '../parts/bodies';
import { FormulaWords } from '../parts/FormulaWords';
import { ItemForm } from '../parts/ItemForm';
import { useKnown } from '../parts/known';
import { Origin } from '../parts/Origin';
import { useUnits } from '../parts/units';
import { type Editor, useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveCommitment } from '../queries';
import { ClockDrawing } from './ClockDrawing';

const STARTS = ['arrival', 'welcome_end', 'voice_server_left', 'queue_joined'] as const;

export default function CommitmentSection() {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.nav.commitment')} lead={t('settings.commitment.lead')}>
      <WithSettings>{({ commitment }) => <Form item={commitment} />}</WithSettings>
    </Section>
  );
}

function Form({ item }: { item: Settings['commitment'] }) {
  const { t } = useTranslation();
  const refresh = useRefreshSettings();
  const editor = useEditor<CommitmentSettings, Settings['commitment']>({
    key: 'commitment/commitment',
    saved: commitmentForm(item.body),
    version: item.version,
    save: (form, version) => saveCommitment(commitmentBody(form), version ?? item.version),
    onSaved: refresh,
    refresh,
    check: (form) => {
      const found: Record<string, string> = {};
      if ((form.at_risk_after ?? 0) >= form.within) found.at_risk_after = t('settings.check.risk');
      if (form.short_abandon >= form.within) found.short_abandon = t('settings.check.risk');
      if (form.starts_on === 'welcome_end' && form.welcome_contexts.length === 0) {
        found.welcome_contexts = t('settings.check.missing');
      }
      return found;
    },
  });
  return (
    <>
      <Origin item={item} />
      <ItemForm editor={editor} item={item} toBody={commitmentBody}>
        <Minute editor={editor} />
        <Start editor={editor} />
        <Level editor={editor} />
      </ItemForm>
    </>
  );
}

interface Part {
  readonly editor: Editor<CommitmentSettings>;
}

function Minute({ editor: { form, set, error } }: Part) {
  const { t } = useTranslation();
  const units = useUnits();
  return (
    <Card title={t('settings.commitment.minute')}>
      <Fields>
        <NumberField
          label={t('settings.field.within')}
          help={t('settings.help.commitmentWithin')}
          unit="seconds"
          min={0}
          value={form.within}
          error={error('within')}
          onChange={(within) => set({ within: within ?? 60 })}
        />
        <NumberField
          label={t('settings.field.at_risk_after')}
          help={t('settings.help.atRisk')}
          unit="seconds"
          min={0}
          value={form.at_risk_after ?? null}
          placeholder={t('settings.form.asUsual', {
            value: units.seconds(form.within * AT_RISK_SHARE),
          })}
          error={error('at_risk_after')}
          onChange={(at_risk_after) => set({ at_risk_after })}
        />
        <NumberField
          label={t('settings.field.short_abandon')}
          help={t('settings.help.shortAbandon')}
          unit="seconds"
          min={0}
          value={form.short_abandon}
          error={error('short_abandon')}
          onChange={(short_abandon) => set({ short_abandon: short_abandon ?? 0 })}
        />
      </Fields>
    </Card>
  );
}

function Start({ editor: { form, set, error } }: Part) {
  const { t } = useTranslation();
  const { contexts } = useKnown();
  return (
    <Card title={t('settings.commitment.start')} lead={t('settings.commitment.startLead')}>
      <ClockDrawing startsOn={form.starts_on} within={form.within} />
      <Fields>
        <ChoiceField
          label={t('settings.field.starts_on')}
          help={t(`settings.startsOnHelp.${form.starts_on}`)}
          value={form.starts_on}
          choices={STARTS.map((value) => ({
            value,
            label: t(`settings.value.starts_on_${value}`),
          }))}
          error={error('starts_on')}
          onChange={(starts_on) => set({ starts_on })}
        />
        {form.starts_on === 'welcome_end' && (
          <ListField
            label={t('settings.field.welcome_contexts')}
            help={t('settings.help.welcomeContexts')}
            value={form.welcome_contexts}
            suggestions={contexts}
            error={error('welcome_contexts')}
            onChange={(welcome_contexts) => set({ welcome_contexts })}
          />
        )}
      </Fields>
    </Card>
  );
}

function Level({ editor: { form, set, error } }: Part) {
  const { t } = useTranslation();
  return (
    <Card title={t('settings.commitment.level')}>
      <Fields>
        <NumberField
          label={t('settings.field.target')}
          help={t('settings.help.target')}
          unit="percent"
          min={0}
          value={form.target ?? null}
          placeholder={t('settings.form.none')}
          error={error('target')}
          onChange={(target) => set({ target })}
        />
        <ChoiceField
          label={t('settings.field.service_level')}
          help={t('settings.help.formula')}
          value={form.service_level}
          choices={FORMULAS.map((value) => ({ value, label: t(`formula.${value}`) }))}
          error={error('service_level')}
          onChange={(service_level) => set({ service_level })}
        />
        <Wide>
          <FormulaWords formula={form.service_level} />
        </Wide>
      </Fields>
    </Card>
  );
}

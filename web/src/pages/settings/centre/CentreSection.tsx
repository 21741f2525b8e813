import { useTranslation } from 'react-i18next';
import type { CentreSettings, Settings } from '../../../api/types';
import { ChoiceField, ListField, TextField } from '../../../ui/form/fields';
import { Card, Fields, Section } from '../../../ui/form/Section';
import { centreForm } from '../parts/bodies';
import { ItemForm } from '../parts/ItemForm';
import { Origin } from '../parts/Origin';
import { useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveCentre } from '../queries';

export default function CentreSection() {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.nav.centre')} lead={t('settings.centre.lead')}>
      <WithSettings>{(settings) => <Form settings={settings} />}</WithSettings>
    </Section>
  );
}

/** Zones as this browser knows them; the server knows more, and takes any of its own. */
const zones = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];

function Form({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const item = settings.centre;
  const refresh = useRefreshSettings();
  const editor = useEditor<CentreSettings, Settings['centre']>({
    key: 'centre/centre',
    saved: centreForm(item.body),
    version: item.version,
    save: (form, version) => saveCentre(form, version ?? item.version),
    onSaved: refresh,
    refresh,
  });
  const { form, set, error } = editor;
  return (
    <>
      <Origin item={item} />
      <ItemForm editor={editor} item={item} toBody={(value) => value}>
        <Card title={t('settings.centre.time')}>
          <Fields>
            <TextField
              label={t('settings.field.label')}
              help={t('settings.help.centreLabel')}
              value={form.label}
              error={error('label')}
              onChange={(label) => set({ label })}
            />
            <TextField
              label={t('settings.field.time_zone')}
              help={t('settings.help.timeZone')}
              value={form.time_zone}
              suggestions={zones()}
              error={error('time_zone')}
              onChange={(time_zone) => set({ time_zone })}
            />
            <ChoiceField
              label={t('settings.field.calendar')}
              help={t('settings.help.centreCalendar')}
              value={form.calendar}
              choices={[
                { value: '', label: t('settings.centre.noCalendar') },
                ...settings.calendar.map(({ id }) => ({ value: id, label: id })),
              ]}
              error={error('calendar')}
              onChange={(calendar) => set({ calendar })}
            />
          </Fields>
        </Card>
        <Card title={t('settings.centre.notCounted')} lead={t('settings.centre.notCountedLead')}>
          <Fields>
            <ListField
              label={t('settings.field.test_numbers')}
              help={t('settings.help.testNumbers')}
              value={form.test_numbers}
              placeholder="0199000*"
              error={error('test_numbers')}
              onChange={(test_numbers) => set({ test_numbers })}
            />
            <ListField
              label={t('settings.field.internal_numbers')}
              help={t('settings.help.internalNumbers')}
              value={form.internal_numbers}
              placeholder="2??"
              error={error('internal_numbers')}
              onChange={(internal_numbers) => set({ internal_numbers })}
            />
          </Fields>
        </Card>
      </ItemForm>
    </>
  );
}

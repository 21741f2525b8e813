import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { CalendarItem, CalendarSettings, Settings } from '../../../api/types';
import { Notice } from '../../../shell/Notice';
import { TextField } from '../../../ui/form/fields';
import { Card, Section } from '../../../ui/form/Section';
import { calendarBody, calendarForm, NEW_CALENDAR } from '../parts/bodies';
import { checkSpans } from '../parts/days';
import { DeleteItem, ItemForm } from '../parts/ItemForm';
import { Origin } from '../parts/Origin';
import { SpansEditor } from '../parts/SpansEditor';
import { useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveItem } from '../queries';
import { useUsers } from './CalendarList';
import { ClosedDays, Exceptions } from './Days';
import { HolidayFields } from './HolidayFields';
import { OpenNow } from './OpenNow';

const PATH = '/settings/hours';

export function CalendarEditor() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  return (
    <WithSettings>
      {(settings) => {
        const item = settings.calendar.find((one) => one.id === id) ?? null;
        if (item === null && id !== 'new') return <Notice>{t('settings.form.gone')}</Notice>;
        return <Form key={id} item={item} settings={settings} />;
      }}
    </WithSettings>
  );
}

function Form({ item, settings }: { item: CalendarItem | null; settings: Settings }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const users = useUsers(item?.id ?? '', settings);
  const editor = useEditor<CalendarSettings, CalendarItem>({
    key: `hours/${item?.id ?? 'new'}`,
    saved: item === null ? NEW_CALENDAR : calendarForm(item.body),
    version: item?.version ?? null,
    save: (form, version) => saveItem('calendar', item?.id ?? null, calendarBody(form), version),
    onSaved: async (stored) => {
      await refresh();
      if (item === null) void navigate(`${PATH}/${encodeURIComponent(stored.id)}`);
    },
    refresh,
    check: (form): Record<string, string> => ({
      ...(form.name.trim() === '' ? { name: t('settings.check.missing') } : {}),
      ...Object.fromEntries(
        Object.entries(checkSpans('hours', form.hours)).map(([path, what]) => [
          path,
          t(`settings.check.${what}`),
        ]),
      ),
    }),
  });
  const { form, set, error } = editor;
  return (
    <Section
      title={item?.id ?? t('settings.hours.new')}
      lead={
        item === null
          ? t('settings.hours.newLead')
          : t('settings.hours.usedBy', { users: users || t('settings.hours.nobody') })
      }
      badge={<OpenNow calendar={form} zone={settings.centre.body.time_zone} />}
      back={{ to: PATH, label: t('settings.nav.hours') }}
      actions={
        item !== null && (
          <DeleteItem kind="calendar" item={item} back={PATH}>
            <p>{t('settings.hours.deleteMeans')}</p>
          </DeleteItem>
        )
      }
    >
      {item !== null && <Origin item={item} />}
      <ItemForm editor={editor} item={item} toBody={calendarBody}>
        {item === null && (
          <Card title={t('settings.queues.names')}>
            <TextField
              label={t('settings.field.name')}
              help={t('settings.help.calendarName')}
              value={form.name}
              required
              error={error('name')}
              onChange={(name) => set({ name })}
            />
          </Card>
        )}
        <Card title={t('settings.hours.week')}>
          <SpansEditor
            label={t('settings.hours.spans')}
            help={t('settings.hours.spansHelp', { zone: settings.centre.body.time_zone })}
            none={t('settings.hours.always')}
            value={form.hours}
            error={firstError(editor.errors, 'hours')}
            onChange={(hours) => set({ hours })}
          />
        </Card>
        <HolidayFields editor={editor} />
        <ClosedDays editor={editor} />
        <Exceptions editor={editor} />
      </ItemForm>
    </Section>
  );
}

/** The complaint about a list, or about anything in it. */
export const firstError = (
  errors: Readonly<Record<string, string>>,
  path: string,
): string | undefined =>
  Object.entries(errors).find(([key]) => key === path || key.startsWith(`${path}.`))?.[1];

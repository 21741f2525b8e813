import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../api/types';
import { NumberField } from '../../ui/form/fields';
import { Card, Fields } from '../../ui/form/Section';
import { ItemForm } from '../settings/parts/ItemForm';
import { Origin } from '../settings/parts/Origin';
import { useEditor } from '../settings/parts/use-editor';
import { useRefreshSettings } from '../settings/parts/use-settings';
import { type PersonalKind, personalKey, type Retention, saveRetention } from './queries';
import { useKindName } from './words';

type Form = { readonly [kind in keyof Retention]: number | null };

/** For how many days each kind is kept; 0 where the server takes it: no end. */
export function RetentionForm({
  settings,
  kinds,
}: {
  settings: Settings;
  kinds: readonly PersonalKind[];
}) {
  const { t } = useTranslation();
  const item = settings.retention;
  const name = useKindName();
  const cache = useQueryClient();
  const refreshSettings = useRefreshSettings();
  const refresh = async () => {
    await refreshSettings();
    await cache.invalidateQueries({ queryKey: personalKey });
  };
  const editor = useEditor<Form, Settings['retention']>({
    key: 'personal-data/retention',
    saved: item.body,
    version: item.version,
    save: (form, version) => saveRetention(bodyOf(form), version ?? item.version),
    onSaved: refresh,
    refresh,
    check: (form) =>
      Object.fromEntries(
        Object.entries(form)
          .filter(([, days]) => days === null)
          .map(([kind]) => [kind, t('settings.check.missing')]),
      ),
  });
  return (
    <ItemForm editor={editor} item={item} toBody={(form) => form}>
      <Card title={t('personal.retention')} lead={t('personal.retentionLead')}>
        <Origin item={item} />
        <Fields>
          {kinds.filter(isSet).map(({ kind, minimum, maximum, default: usual }) => (
            <NumberField
              key={kind}
              label={name(kind)}
              help={
                maximum === null
                  ? t('personal.limitsOpen', { minimum: minimum ?? 0, usual: usual ?? 0 })
                  : t('personal.limits', { minimum: minimum ?? 0, maximum, usual: usual ?? 0 })
              }
              value={editor.form[kind]}
              min={0}
              error={editor.error(kind)}
              onChange={(days) => editor.set({ [kind]: days })}
            />
          ))}
        </Fields>
      </Card>
    </ItemForm>
  );
}

type SetKind = PersonalKind & { readonly kind: keyof Retention };
const isSet = (kind: PersonalKind): kind is SetKind => kind.settable;

/** All fields are filled in by then. */
const bodyOf = (form: Form): Retention => form as Retention;

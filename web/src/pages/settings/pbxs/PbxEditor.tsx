import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { PbxItem } from '../../../api/types';
import { Notice } from '../../../shell/Notice';
import { Callout, Section } from '../../../ui/form/Section';
import { useLinkWords } from '../../../ui/link-words';
import { NEW_PBX, type PbxForm, pbxBody, pbxForm, secretsAnew } from '../parts/bodies';
import { DeleteItem, ItemForm } from '../parts/ItemForm';
import { Origin } from '../parts/Origin';
import { useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveItem } from '../queries';
import { LinkBadge } from './LinkBadge';
import { useLinks } from './links';
import { PbxFields } from './PbxFields';
import { PbxTestCard } from './PbxTestCard';

const PATH = '/settings/pbxs';

export function PbxEditor() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  return (
    <WithSettings>
      {({ pbx }) => {
        const item = pbx.find((one) => one.id === id) ?? null;
        if (item === null && id !== 'new') return <Notice>{t('settings.form.gone')}</Notice>;
        return <Form key={id} item={item} />;
      }}
    </WithSettings>
  );
}

/** What is compared and shown: never a secret, only that one was typed. */
const shown = (form: PbxForm) => {
  const { secret, ari, ...body } = pbxBody({
    ...form,
    secret: '',
    ari: { ...form.ari, password: '' },
  });
  return ari === undefined ? body : { ...body, ari };
};

function Form({ item }: { item: PbxItem | null }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const link = useLinks().get(item?.id ?? '');
  const words = useLinkWords();
  const editor = useEditor<PbxForm, PbxItem>({
    key: `pbxs/${item?.id ?? 'new'}`,
    saved: item === null ? NEW_PBX : pbxForm(item.body),
    version: item?.version ?? null,
    save: (form, version) => saveItem('pbx', item?.id ?? null, pbxBody(form), version),
    onSaved: async (stored) => {
      await refresh();
      if (item === null) void navigate(`${PATH}/${encodeURIComponent(stored.id)}`);
    },
    refresh,
    check: (form) => {
      const missing = t('settings.check.missing');
      const found: Record<string, string> = {};
      for (const field of ['name', 'host', 'username'] as const) {
        if (form[field].trim() === '') found[field] = missing;
      }
      if (form.incoming_contexts.length === 0) found.incoming_contexts = missing;
      if (form.secret === '' && item?.has_secret.secret !== true) found.secret = missing;
      for (const field of secretsAnew(form, item)) found[field] = t('settings.check.secretAnew');
      return found;
    },
  });
  return (
    <Section
      title={item?.id ?? t('settings.pbxs.new')}
      lead={t('settings.pbxs.formLead')}
      badge={item !== null && <LinkBadge link={link} />}
      back={{ to: PATH, label: t('settings.nav.pbxs') }}
      actions={
        item !== null && (
          <DeleteItem kind="pbx" item={item} back={PATH}>
            <p>{t('settings.pbxs.deleteMeans')}</p>
          </DeleteItem>
        )
      }
    >
      {link !== undefined && link.detail !== '' && (
        <Callout tone="breach" title={t(`link.${link.state}`)}>
          <p>{words.detail(link)}</p>
        </Callout>
      )}
      {item !== null && <Origin item={item} />}
      <ItemForm editor={editor} item={item} toBody={shown}>
        <PbxFields editor={editor} item={item} />
        <PbxTestCard form={editor.form} item={item} />
      </ItemForm>
    </Section>
  );
}

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LivePbx, PbxItem } from '../../../api/types';
import { Section } from '../../../ui/form/Section';
import { OriginBadges } from '../parts/Origin';
import styles from '../parts/Table.module.css';
import { WithSettings } from '../parts/With';
import { LinkBadge } from './LinkBadge';
import { useLinks } from './links';

export function PbxList() {
  const { t } = useTranslation();
  return (
    <Section
      title={t('settings.nav.pbxs')}
      lead={t('settings.pbxs.lead')}
      actions={
        <Button component={Link} to="/settings/pbxs/new" leftSection={<IconPlus size={16} />}>
          {t('settings.pbxs.new')}
        </Button>
      }
    >
      <WithSettings>{({ pbx }) => <List items={pbx} />}</WithSettings>
    </Section>
  );
}

function List({ items }: { items: readonly PbxItem[] }) {
  const { t } = useTranslation();
  const links = useLinks();
  if (items.length === 0) {
    return (
      <div className={styles.scroller}>
        <p className={styles.empty}>{t('settings.pbxs.none')}</p>
      </div>
    );
  }
  return (
    <div className={styles.scroller}>
      <table className={styles.table}>
        <thead>
          <tr>
            {(['pbx', 'link', 'address', 'incoming_contexts', 'more'] as const).map((head) => (
              <th key={head} scope="col">
                {t(`settings.field.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Line key={item.id} item={item} link={links.get(item.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ item, link }: { item: PbxItem; link: LivePbx | undefined }) {
  const { t } = useTranslation();
  const { body } = item;
  const more = [
    ...(body.tls != null ? ['TLS'] : []),
    ...(body.ari != null ? ['ARI'] : []),
    ...(body.queue_log !== '' ? [t('settings.field.queue_log')] : []),
  ];
  return (
    <tr>
      <th scope="row">
        <Link to={`/settings/pbxs/${encodeURIComponent(item.id)}`}>{item.id}</Link>{' '}
        <span className={styles.badges}>
          <OriginBadges item={item} />
        </span>
      </th>
      <td>
        <span className={styles.badges}>
          <LinkBadge link={link} />
        </span>
      </td>
      <td>
        {body.host}:{body.port}
        <span className={styles.sub}>{body.username}</span>
      </td>
      <td>{body.incoming_contexts.join(', ')}</td>
      <td>{more.join(', ') || '–'}</td>
    </tr>
  );
}

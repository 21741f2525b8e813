import { Button } from '@mantine/core';
import { IconEyePlus, IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { CommitmentSettings, QueueItem, Settings } from '../../../api/types';
import { Badge, Callout, Section } from '../../../ui/form/Section';
import { useProblemText } from '../errors';
import { AT_RISK_SHARE, NEW_QUEUE, withoutNulls } from '../parts/bodies';
import { OriginBadges } from '../parts/Origin';
import styles from '../parts/Table.module.css';
import { useUnits } from '../parts/units';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveItem } from '../queries';
import { type SeenQueue, undeclared, useSeenQueues } from './seen';

export function QueueList() {
  const { t } = useTranslation();
  return (
    <Section
      title={t('settings.nav.queues')}
      lead={t('settings.queues.lead')}
      actions={
        <Button component={Link} to="/settings/queues/new" leftSection={<IconPlus size={16} />}>
          {t('settings.queues.new')}
        </Button>
      }
    >
      <WithSettings>{(settings) => <List settings={settings} />}</WithSettings>
    </Section>
  );
}

const HEADS = ['queue', 'within', 'at_risk_after', 'target', 'service_level', 'calendar'] as const;

/** Left out on a phone; the queue's own page has them. */
const isMinor = (head: (typeof HEADS)[number]): boolean =>
  head === 'service_level' || head === 'calendar';

function List({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const seen = useSeenQueues();
  const declared = settings.queue.map((item) => item.body);
  const missing = undeclared(seen, declared);
  const several = settings.pbx.length > 1;
  if (settings.queue.length + missing.length === 0) {
    return (
      <div className={styles.scroller}>
        <p className={styles.empty}>{t('settings.queues.none')}</p>
      </div>
    );
  }
  return (
    <div className={styles.scroller}>
      <table className={styles.table}>
        <thead>
          <tr>
            {HEADS.map((head) => (
              <th key={head} scope="col" className={isMinor(head) ? styles.minor : undefined}>
                {t(`settings.field.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {missing.map((queue) => (
            <Undeclared key={`${queue.pbx}:${queue.name}`} queue={queue} several={several} />
          ))}
          {settings.queue.map((item) => (
            <Declared key={item.id} item={item} settings={settings} seen={seen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Undeclared({ queue, several }: { queue: SeenQueue; several: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const problem = useProblemText();
  const pbx = several ? queue.pbx : '';
  const declare = useMutation({
    mutationFn: () =>
      saveItem('queue', null, withoutNulls({ ...NEW_QUEUE, name: queue.name, pbx }), null),
    onSuccess: async (stored) => {
      await refresh();
      void navigate(`/settings/queues/${encodeURIComponent(stored.id)}`);
    },
  });
  return (
    <tr className={styles.new}>
      <th scope="row">
        <strong>{queue.name}</strong>{' '}
        <Badge tone="risk" icon={<IconEyePlus size="1em" aria-hidden />}>
          {t('settings.queues.undeclared')}
        </Badge>
        <span className={styles.sub}>{t('settings.queues.onPbx', { pbx: queue.pbx })}</span>
      </th>
      <td colSpan={HEADS.length - 2} className={styles.inherited}>
        {t('settings.queues.undeclaredHelp')}
        {declare.isError && <Callout tone="breach" role="alert" title={problem(declare.error)} />}
      </td>
      <td>
        <Button
          size="xs"
          loading={declare.isPending}
          aria-label={t('settings.queues.declareOne', { queue: queue.name })}
          onClick={() => declare.mutate()}
        >
          {t('settings.queues.declare')}
        </Button>
      </td>
    </tr>
  );
}

function Declared({
  item,
  settings,
  seen,
}: {
  item: QueueItem;
  settings: Settings;
  seen: readonly SeenQueue[];
}) {
  const { t } = useTranslation();
  const units = useUnits();
  const { body } = item;
  const { within, risk } = thresholds(body, settings.commitment.body);
  const target = body.target ?? settings.commitment.body.target ?? null;
  const formula = body.service_level ?? settings.commitment.body.service_level;
  const isSeen = seen.some(
    ({ pbx, name }) => name === body.name && (body.pbx === '' || body.pbx === pbx),
  );
  return (
    <tr>
      <th scope="row">
        <Link to={`/settings/queues/${encodeURIComponent(item.id)}`}>
          {body.label || body.name}
        </Link>{' '}
        <span className={styles.badges}>
          <OriginBadges item={item} />
        </span>
        <span className={styles.sub}>
          {body.pbx === '' ? body.name : t('settings.queues.nameOnPbx', { ...body })}
          {!isSeen && ` · ${t('settings.queues.unseen')}`}
        </span>
      </th>
      <Value own={body.within != null} text={units.seconds(within)} />
      <Value own={body.at_risk_after != null} text={units.seconds(risk)} />
      <Value own={body.target != null} text={target === null ? '–' : units.share(target)} />
      <Value minor own={body.service_level != null} text={t(`formula.${formula}`)} />
      <Value
        minor
        own={body.calendar !== ''}
        text={body.calendar || settings.centre.body.calendar || '–'}
      />
    </tr>
  );
}

/** What the queue does not say itself is the commitment's, and looks so. */
function Value({ own, text, minor = false }: { own: boolean; text: string; minor?: boolean }) {
  const { t } = useTranslation();
  const look = [own ? '' : styles.inherited, minor ? styles.minor : ''].join(' ');
  return (
    <td className={look} {...(own ? {} : { title: t('settings.queues.inherited') })}>
      {text}
    </td>
  );
}

export function thresholds(
  body: QueueItem['body'],
  commitment: CommitmentSettings,
): { within: number; risk: number } {
  const within = body.within ?? commitment.within;
  if (body.at_risk_after != null) return { within, risk: body.at_risk_after };
  if (body.within != null) return { within, risk: within * AT_RISK_SHARE };
  return { within, risk: commitment.at_risk_after ?? within * AT_RISK_SHARE };
}

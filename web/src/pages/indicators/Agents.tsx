/** Agents' time: AHT, occupancy and what they are made of; never of one agent, unless that is kept. */
import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { span } from '../../format/format';
import { ErrorNotice } from '../../shell/Notice';
import type { Moments } from '../history/moments';
import styles from './Indicators.module.css';
import { IndicatorTable } from './IndicatorTable';
import {
  type AgentSplit,
  type Asked,
  agentTime,
  type Definition,
  type Figured,
  key,
} from './queries';

const MINUTE = 60_000;
const VIEWS = ['same', 'team', 'agent'] as const;
type View = (typeof VIEWS)[number];

export function Agents({
  definitions,
  asked,
  moments,
  running,
}: {
  definitions: readonly Definition[];
  asked: Asked;
  moments: Moments;
  running: boolean;
}) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>('same');
  // Of a queue there is only what conversations took.
  const split: AgentSplit | null =
    asked.queue !== null ? 'queue' : view === 'same' ? asked.by : view;
  const found = useQuery({
    queryKey: ['indicators', 'agents', ...key(asked), split],
    queryFn: ({ signal }) => agentTime(asked, split, signal),
    placeholderData: keepPreviousData,
    refetchInterval: running ? MINUTE : false,
    staleTime: MINUTE,
  });
  const { data } = found;
  const views = VIEWS.filter((one) => one !== 'agent' || data?.perAgent === true);
  const figures: Figured | undefined =
    data === undefined || asked.queue === null ? data : ofQueue(data.parts, asked.queue);
  const told = definitions.filter(({ code }) => figures?.total.values[code] !== undefined);
  const nothing = !figures?.total.values.conversations?.value && !hasTime(figures?.total.values);
  return (
    <div className={styles.panel} aria-busy={found.isFetching}>
      <div className={styles.panelHead}>
        <div>
          <h2 id="agents-title">{t('indicators.agents.title')}</h2>
          <p className={styles.note}>
            {t(asked.queue === null ? 'indicators.agents.help' : 'indicators.agents.queueHelp')}
          </p>
        </div>
        {asked.queue === null && (
          <SegmentedControl
            size="xs"
            aria-label={t('indicators.agents.split')}
            value={view}
            onChange={(value) => setView(views.find((one) => one === value) ?? 'same')}
            data={views.map((one) => ({ value: one, label: t(`indicators.agents.view.${one}`) }))}
          />
        )}
      </div>
      {data === undefined && found.isError && (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      )}
      {figures !== undefined &&
        (nothing ? (
          <p className={styles.note}>{t('indicators.agents.nothing')}</p>
        ) : (
          <IndicatorTable
            figures={figures}
            definitions={told}
            asked={asked}
            moments={moments}
            label={t('indicators.agents.title')}
          />
        ))}
      {asked.queue === null && <Pauses pauses={data?.pauses ?? {}} />}
    </div>
  );
}

/** A queue's own, on the one PBX that has it, or on each of several. */
function ofQueue(parts: Figured['parts'], queue: string): Figured {
  const own = parts.filter((part) => part.queue === queue);
  const [first] = own;
  return first !== undefined && own.length === 1
    ? { total: first, parts: [] }
    : { total: { values: {} }, parts: own };
}

const hasTime = (values: Figured['total']['values'] | undefined): boolean =>
  !!values?.logged_in_time?.value || !!values?.unobserved_time?.value;

function Pauses({ pauses }: { pauses: Readonly<Record<string, number>> }) {
  const { t } = useTranslation();
  const reasons = Object.entries(pauses).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return null;
  return (
    <p className={styles.pauses}>
      {t('indicators.agents.pauses')}{' '}
      {reasons.map(([why, seconds]) => (
        <span key={why}>
          {why || t('indicators.agents.noReason')} <strong>{span(seconds * 1_000)}</strong>
        </span>
      ))}
    </p>
  );
}

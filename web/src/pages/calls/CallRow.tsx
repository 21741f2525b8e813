import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Call } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { VerdictMark } from '../../ui/marks';
import { useQueueLabel } from '../../ui/queue-label';
import { useCallReason } from '../../ui/reason';
import { callPath } from '../paths';
import styles from './CallsTable.module.css';
import type { Column } from './columns';

interface Props {
  readonly measure: (element: Element | null) => void;
  readonly index: number;
  readonly top: number;
  readonly call: Call;
  readonly columns: readonly Column[];
  readonly isActive: boolean;
  readonly onOpen: () => void;
  readonly onFocus: () => void;
}

export function CallRow({ measure, index, top, call, columns, isActive, onOpen, onFocus }: Props) {
  const format = useFormat();
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a real table cannot be placed one by one
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
    <div
      ref={measure}
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      data-verdict={call.verdict}
      tabIndex={isActive ? 0 : -1}
      className={styles.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        if (event.defaultPrevented || (event.target as Element).closest('a') !== null) return;
        onOpen();
      }}
      onFocus={onFocus}
    >
      <Cell column="arrived">
        <Link
          to={callPath(call.id)}
          tabIndex={-1}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onOpen();
          }}
        >
          {format.dateTime(Date.parse(call.arrived_at))}
        </Link>
      </Cell>
      {columns.map((column) => (
        <Cell key={column} column={column}>
          <Content column={column} call={call} />
        </Cell>
      ))}
    </div>
  );
}

function Cell({ column, children }: { column: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the row
    // biome-ignore lint/a11y/useFocusableInteractive: the row has the focus
    <span role="gridcell" data-column={column}>
      {children}
    </span>
  );
}

function Content({ column, call }: { column: Column; call: Call }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useQueueLabel();
  const reason = useCallReason();
  const seconds = (value: number | null) => (value === null ? '–' : format.seconds(value));
  switch (column) {
    case 'verdict':
      return <VerdictCell call={call} />;
    case 'wait':
      return seconds(call.wait_s);
    case 'caller':
      return (
        <>
          {call.caller || t('caller.unknownNumber')}
          {call.caller_name !== '' && call.caller_name !== call.caller && (
            <span className={styles.note}> {call.caller_name}</span>
          )}
        </>
      );
    case 'queues':
      return call.visits.map(({ queue }) => label(queue)).join(' → ') || '–';
    case 'exit': {
      const last = call.visits.at(-1);
      return last === undefined ? '–' : t(`exit.${last.exit ?? 'open'}`);
    }
    case 'agent':
      return call.agent || '–';
    case 'talk': {
      const talks = call.visits.flatMap(({ talk_s }) => (talk_s === null ? [] : [talk_s]));
      return talks.length === 0 ? '–' : seconds(talks.reduce((sum, one) => sum + one, 0));
    }
    case 'reason':
      return call.reason === '' ? '–' : reason(call);
    case 'pbx':
      return call.pbx;
  }
}

function VerdictCell({ call }: { call: Call }) {
  const { t } = useTranslation();
  const reason = useCallReason();
  return (
    <span title={reason(call)}>
      <VerdictMark verdict={call.verdict} /> {t(`verdict.${call.verdict}`)}
      {call.short_abandon && <span className={styles.note}> · {t('calls.short')}</span>}
      {call.observed === 'partial' && <span className={styles.note}> · {t('calls.partial')}</span>}
    </span>
  );
}

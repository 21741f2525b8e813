import { Popover } from '@mantine/core';
import {
  IconAlertTriangle,
  IconChevronDown,
  IconDeviceTv,
  IconLayoutGrid,
  IconList,
  IconX,
} from '@tabler/icons-react';
import { lazy, memo, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QueueNames } from '../../live/hooks';
import { type BoardView, isFiltered, LAYOUTS, toggled } from '../../live/view';
import styles from './Toolbar.module.css';

const WallDialog = lazy(() => import('./WallDialog'));

/** With more queues than this, they are found faster by their name. */
const SEARCHED_FROM = 10;

interface Props {
  readonly queues: QueueNames;
  readonly shown: number;
  readonly view: BoardView;
  readonly onChange: (view: BoardView) => void;
  /** How many alerts nobody has acknowledged. */
  readonly alerts: number;
}

/** What of the board is shown, and how. */
export const Toolbar = memo(function Toolbar({ queues, shown, view, onChange, alerts }: Props) {
  const { t } = useTranslation();
  const [wall, setWall] = useState(false);
  const pbxs = [...new Set([...queues.values()].map(({ pbx }) => pbx))].sort();
  return (
    <section className={styles.bar} aria-label={t('view.title')}>
      <QueuePicker queues={queues} view={view} onChange={onChange} />
      {pbxs.length > 1 && (
        <select
          className={styles.control}
          aria-label={t('view.pbx')}
          value={view.pbx}
          onChange={(event) => onChange({ ...view, pbx: event.target.value })}
        >
          <option value="">{t('view.allPbxs')}</option>
          {pbxs.map((pbx) => (
            <option key={pbx}>{pbx}</option>
          ))}
        </select>
      )}
      <button
        type="button"
        className={styles.control}
        aria-pressed={view.trouble}
        title={t('view.troubleHelp')}
        onClick={() => onChange({ ...view, trouble: !view.trouble })}
      >
        <IconAlertTriangle size="1.05em" aria-hidden />
        {t('view.trouble')}
      </button>
      {isFiltered(view) && (
        <>
          <span className={styles.count} role="status">
            {t('view.shown', { shown, count: queues.size })}
          </span>
          <button
            type="button"
            className={styles.clear}
            onClick={() => onChange({ ...view, queues: new Set(), pbx: '', trouble: false })}
          >
            <IconX size="1em" aria-hidden />
            {t('view.clear')}
          </button>
        </>
      )}
      {alerts > 0 && (
        <a href="#alerts" className={styles.alerts}>
          {t('view.alerts', { count: alerts })}
        </a>
      )}
      <span className={styles.space} />
      <fieldset className={styles.layouts} aria-label={t('view.layout')}>
        {LAYOUTS.map((layout) => (
          <button
            key={layout}
            type="button"
            aria-pressed={view.layout === layout}
            onClick={() => onChange({ ...view, layout })}
          >
            {layout === 'cards' ? (
              <IconLayoutGrid size="1.05em" aria-hidden />
            ) : (
              <IconList size="1.05em" aria-hidden />
            )}
            {t(`view.layouts.${layout}`)}
          </button>
        ))}
      </fieldset>
      <button type="button" className={styles.control} onClick={() => setWall(true)}>
        <IconDeviceTv size="1.05em" aria-hidden />
        {t('view.wall')}
      </button>
      {wall && (
        <Suspense fallback={null}>
          <WallDialog queues={queues} chosen={view.queues} onClose={() => setWall(false)} />
        </Suspense>
      )}
    </section>
  );
});

type PickerProps = Pick<Props, 'queues' | 'view' | 'onChange'>;

function QueuePicker({ queues, view, onChange }: PickerProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState('');
  const count = view.queues.size;
  return (
    <Popover position="bottom-start" withArrow trapFocus onClose={() => setWanted('')}>
      <Popover.Target>
        <button type="button" className={styles.control} data-active={count > 0}>
          {count === 0 ? t('view.allQueues') : t('view.someQueues', { count })}
          <IconChevronDown size="1em" aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown}>
        {queues.size > SEARCHED_FROM && (
          <input
            className={styles.search}
            type="text"
            aria-label={t('view.findQueue')}
            placeholder={t('view.findQueue')}
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        )}
        <QueueChoice
          queues={new Map([...queues].filter(([, { label }]) => matches(label, wanted)))}
          chosen={view.queues}
          onToggle={(key) => onChange({ ...view, queues: toggled(view.queues, key) })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

const matches = (label: string, wanted: string): boolean =>
  label.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase());

interface ChoiceProps {
  readonly queues: QueueNames;
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (key: string) => void;
}

/** Queues to tick, by name. */
export function QueueChoice({ queues, chosen, onToggle }: ChoiceProps) {
  const several = new Set([...queues.values()].map(({ pbx }) => pbx)).size > 1;
  const sorted = [...queues].sort(([, a], [, b]) => a.label.localeCompare(b.label));
  return (
    <ul className={styles.choice}>
      {sorted.map(([key, queue]) => (
        <li key={key}>
          <label>
            <input type="checkbox" checked={chosen.has(key)} onChange={() => onToggle(key)} />
            {queue.label}
            {several && <span className={styles.pbx}>{queue.pbx}</span>}
          </label>
        </li>
      ))}
    </ul>
  );
}

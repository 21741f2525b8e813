import { useRef } from 'react';
import { useFormat } from '../../format/use-format';
import { useFrozenAt } from '../../live/context';
import { usePbxTick, writeText } from '../../live/hooks';
import styles from './Wall.module.css';

/** The time, in minutes; it stands still when the rest does. */
export function WallClock() {
  const format = useFormat();
  const text = useRef<HTMLTimeElement>(null);
  const frozen = useFrozenAt('') !== null;
  usePbxTick('', (now) => writeText(text.current, format.time(now).slice(0, 5)));
  return <time ref={text} className={styles.clock} data-frozen={frozen} />;
}

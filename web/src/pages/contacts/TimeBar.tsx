import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { usePbxTick } from '../../live/hooks';
import own from './One.module.css';
import type { Contact } from './queries';
import { isOpen } from './words';

const PERCENT = 100;
/** Where the deadline stands on the bar while it is not passed; what comes after is late. */
const ROOM = 1.12;

/** The contact's time from its reception on, with its deadline; what runs, runs. */
export function TimeBar({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bar = useRef<HTMLDivElement>(null);
  const late = useRef<HTMLDivElement>(null);
  const ends = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  const [from, deadline] = [Date.parse(contact.received_at), Date.parse(contact.deadline_at)];
  const ended = contact.answered_at ?? contact.withdrawn_at;
  const draw = (at: number) => {
    const length = Math.max((deadline - from) * ROOM, (at - from) * (2 - 1 / ROOM));
    const place = (moment: number) =>
      `${(Math.min(1, Math.max(0, (moment - from) / length)) * PERCENT).toFixed(2)}%`;
    if (bar.current !== null) bar.current.style.width = place(Math.min(at, deadline));
    if (mark.current !== null) mark.current.style.left = place(deadline);
    if (ends.current !== null) ends.current.style.width = `max(100% / ${ROOM}, ${place(deadline)})`;
    if (late.current !== null) {
      late.current.style.left = place(deadline);
      late.current.style.right = `${PERCENT - Number.parseFloat(place(Math.max(at, deadline)))}%`;
    }
  };
  usePbxTick('', (now) => draw(isOpen(contact) || ended === null ? now : Date.parse(ended)));
  if (contact.verdict === 'excluded') return null;
  return (
    <div className={own.time} aria-hidden>
      <div className={own.track}>
        <div ref={bar} className={own.passed} />
        <div ref={late} className={own.lateBar} />
        <div ref={mark} className={own.deadlineMark} />
      </div>
      <div ref={ends} className={own.ends}>
        <span>
          {t('contacts.received')} {format.dateTime(from)}
        </span>
        <span>
          {t('contacts.deadline')} {format.dateTime(deadline)}
        </span>
      </div>
    </div>
  );
}

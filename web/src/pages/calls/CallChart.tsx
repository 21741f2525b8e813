import { useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail } from '../../api/types';
import { span as spanOf } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { useQueueLabel } from '../../ui/queue-label';
import { useWidth } from '../history/use-width';
import styles from './CallChart.module.css';
import calls from './Calls.module.css';
import {
  type Journey,
  journeyOf,
  type Lane,
  type Scale,
  type Span,
  scaleOf,
  ticksOf,
} from './journey';

const LANE = 34;
const BAR = 20;
const TOP = 34;
const AXIS = 30;
/** Room for the lanes' names, where there is any. */
const NAMES = 118;
const NARROW = 620;
/** About how wide a letter is, to know what fits into a bar. */
const LETTER = 7;

/** The call's way on a time axis. Who does not see it finds all of it in the lists below. */
export function CallChart({ call, now }: { call: CallDetail; now: number }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const id = useId();
  const journey = journeyOf(call, now);
  return (
    <section className={calls.block} aria-labelledby={`${id}t`}>
      <h2 id={`${id}t`}>{t('call.journey')}</h2>
      <div ref={box} className={styles.box}>
        {width > 0 && <Drawing journey={journey} width={width} call={call} id={id} />}
      </div>
      <Legend journey={journey} />
    </section>
  );
}

interface DrawingProps {
  readonly journey: Journey;
  readonly width: number;
  readonly call: CallDetail;
  readonly id: string;
}

function Drawing({ journey, width, call, id }: DrawingProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const narrow = width < NARROW;
  const left = narrow ? 14 : NAMES;
  const lane = narrow ? LANE + 16 : LANE;
  const scale = scaleOf(journey, width - left - 14);
  const height = TOP + journey.lanes.length * lane + AXIS;
  const bottom = height - AXIS;
  return (
    <svg
      className={styles.chart}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t('call.journeyLabel', {
        verdict: t(`verdict.${call.verdict}`),
        wait: call.wait_s === null ? '–' : format.seconds(call.wait_s),
      })}
    >
      <defs>
        <pattern id={`${id}hatch`} width="7" height="7" patternUnits="userSpaceOnUse">
          <path d="M0 7L7 0M-1 1L1 -1M6 8L8 6" className={styles.hatch} />
        </pattern>
      </defs>
      <g transform={`translate(${left} 0)`}>
        <Zones journey={journey} scale={scale} bottom={bottom} />
        <Axis journey={journey} scale={scale} bottom={bottom} />
        {journey.lanes.map((one, index) => (
          <LaneRow
            // biome-ignore lint/suspicious/noArrayIndexKey: lanes have no other name of their own
            key={index}
            lane={one}
            scale={scale}
            top={TOP + index * lane + (narrow ? 16 : 0)}
            left={narrow ? -10 : -left + 4}
            above={narrow}
          />
        ))}
        {journey.blind.map((gap) => (
          <rect
            key={gap.from}
            x={scale.x(gap.from)}
            y={TOP - 6}
            width={Math.max(2, scale.x(gap.to) - scale.x(gap.from))}
            height={bottom - TOP + 6}
            fill={`url(#${id}hatch)`}
          />
        ))}
        <Deadline journey={journey} scale={scale} bottom={bottom} />
        <Marks journey={journey} scale={scale} bottom={bottom} />
      </g>
    </svg>
  );
}

interface PartProps {
  readonly journey: Journey;
  readonly scale: Scale;
  readonly bottom: number;
}

/** From at risk to the deadline, and what lies behind it. */
function Zones({ journey, scale, bottom }: PartProps) {
  const { atRisk, deadline, to } = journey;
  if (deadline === null || deadline > to) return null;
  const risk = scale.x(Math.min(atRisk ?? deadline, deadline));
  const due = scale.x(deadline);
  const height = bottom - TOP + 6;
  return (
    <>
      <rect className={styles.risk} x={risk} y={TOP - 6} width={due - risk} height={height} />
      <rect
        className={styles.late}
        x={due}
        y={TOP - 6}
        width={Math.max(0, scale.width - due)}
        height={height}
      />
    </>
  );
}

function Axis({ journey, scale, bottom }: PartProps) {
  const ticks = ticksOf(journey, scale);
  return (
    <>
      <line className={styles.axis} x1={0} x2={scale.width} y1={bottom} y2={bottom} />
      {ticks.map((at) => (
        <g key={at} transform={`translate(${scale.x(at)} ${bottom})`}>
          <line className={styles.tick} y1={-(bottom - TOP)} y2={5} />
          <text className={styles.label} y={20} textAnchor="middle">
            {offset(at - journey.zero)}
          </text>
        </g>
      ))}
      {scale.breakAt !== null && (
        <path
          className={styles.bend}
          d={`M${scale.x(scale.breakAt) - 4} ${bottom + 5}l4 -10M${scale.x(scale.breakAt)} ${bottom + 5}l4 -10`}
        />
      )}
    </>
  );
}

const offset = (ms: number): string => (ms < 0 ? `−${spanOf(-ms)}` : spanOf(ms));

interface LaneProps {
  readonly lane: Lane;
  readonly scale: Scale;
  readonly top: number;
  readonly left: number;
  readonly above: boolean;
}

function LaneRow({ lane, scale, top, left, above }: LaneProps) {
  const { t } = useTranslation();
  const name =
    lane.kind === 'agent' ? lane.name || t('call.lane.others') : t(`call.lane.${lane.kind}`);
  return (
    <g>
      <text className={styles.name} x={left} y={above ? top - 3 : top + BAR / 2 + 5}>
        {cut(name, above ? 40 : 15)}
      </text>
      {lane.spans.map((one) => (
        <SpanBar key={`${one.kind} ${one.from} ${one.name}`} span={one} scale={scale} top={top} />
      ))}
    </g>
  );
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

function SpanBar({ span, scale, top }: { span: Span; scale: Scale; top: number }) {
  const { t } = useTranslation();
  const label = useQueueLabel();
  const x = scale.x(span.from);
  const width = Math.max(3, scale.x(span.to) - x);
  const name = span.kind === 'queue' ? label(span.name) : span.name;
  const said = span.kind === 'ring' || span.kind === 'missed' ? '' : name;
  const length = spanOf(span.to - span.from);
  const full = said === '' ? length : `${said} · ${length}`;
  const shown = [full, said, length].find((text) => text.length * LETTER + 10 <= width) ?? '';
  return (
    <g className={styles.span} data-kind={span.kind} data-open={span.open}>
      <title>{`${t(`call.span.${span.kind}`, { name })} · ${length}`}</title>
      <rect x={x} y={top} width={width} height={BAR} rx={3} />
      {span.kind !== 'hold' && shown !== '' && (
        <text x={x + 6} y={top + BAR / 2 + 4.5}>
          {shown}
        </text>
      )}
    </g>
  );
}

function Deadline({ journey, scale, bottom }: PartProps) {
  const { t } = useTranslation();
  const { deadline, to } = journey;
  if (deadline === null || deadline > to) return null;
  const x = scale.x(deadline);
  const flip = x > scale.width - 110;
  return (
    <g className={styles.deadline}>
      <line x1={x} x2={x} y1={12} y2={bottom + 5} />
      <text x={flip ? x - 5 : x + 5} y={20} textAnchor={flip ? 'end' : 'start'}>
        {t('call.deadlineMark')} {offset(deadline - journey.zero)}
      </text>
    </g>
  );
}

const SHAPES: Record<Journey['marks'][number]['kind'], string> = {
  arrived: 'M-5 -5L5 0L-5 5Z',
  clock: 'M0 -5A5 5 0 1 1 0 5A5 5 0 1 1 0 -5M0 -2V1H3',
  handled: 'M-5 0L-1 4L6 -5',
  ended: 'M-4 -4H4V4H-4Z',
  transferred: 'M0 -6L6 0L0 6L-6 0Z',
};

function Marks({ journey, scale, bottom }: PartProps) {
  const { t } = useTranslation();
  return (
    <>
      {journey.marks.map(({ kind, at }) => (
        <g
          key={`${kind} ${at}`}
          className={styles.mark}
          data-kind={kind}
          transform={`translate(${scale.x(at)} ${bottom})`}
        >
          <title>{`${t(`call.mark.${kind}`)} · ${offset(at - journey.zero)}`}</title>
          <path d={SHAPES[kind]} />
        </g>
      ))}
    </>
  );
}

function Legend({ journey }: { journey: Journey }) {
  const { t } = useTranslation();
  const kinds = new Set(journey.marks.map(({ kind }) => kind));
  const bars = new Set(journey.lanes.flatMap(({ spans }) => spans.map(({ kind }) => kind)));
  return (
    <p className={styles.legend} aria-hidden>
      {[...kinds].map((kind) => (
        <span key={kind}>
          <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
            <g className={styles.mark} data-kind={kind}>
              <path d={SHAPES[kind]} />
            </g>
          </svg>
          {t(`call.mark.${kind}`)}
        </span>
      ))}
      {(['ring', 'missed', 'hold'] as const)
        .filter((kind) => bars.has(kind))
        .map((kind) => (
          <span key={kind}>
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
              <g className={styles.span} data-kind={kind}>
                <rect y="2" width="14" height="10" rx="2" />
              </g>
            </svg>
            {t(`call.bar.${kind}`)}
          </span>
        ))}
      {journey.blind.length > 0 && <span>{t('call.bar.blind')}</span>}
    </p>
  );
}

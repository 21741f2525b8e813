import { useRef } from 'react';
import { elapsed } from '../format/format';
import { usePbxTick, writeText } from '../live/hooks';

/** Time since a moment of the PBX's clock, running; written without a render. */
export function Since({
  pbx,
  since,
  className,
}: {
  pbx: string;
  since: string;
  className?: string | undefined;
}) {
  const text = useRef<HTMLSpanElement>(null);
  const sinceMs = Date.parse(since);
  usePbxTick(pbx, (now) => {
    writeText(text.current, elapsed(now - sinceMs));
  });
  return <span ref={text} className={className} />;
}

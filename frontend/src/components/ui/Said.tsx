import { partsOf } from '../../app/isolated';

/** A sentence in which names run their own way (`app/isolated.ts`). */
export function Said({ children }: { children: string }) {
  return partsOf(children).map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place.
    part.isolated ? <bdi key={index}>{part.text}</bdi> : part.text,
  );
}

/** A small form's errors: beside each field, and in a summary that takes the focus. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import { Failure } from '../../chat/failure';

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>;

export interface DoorForm<Field extends string> {
  busy: boolean;
  errors: FieldErrors<Field>;
  /** What is wrong with the whole, when no field is to blame. */
  problem: string | undefined;
  summary: RefObject<HTMLDivElement | null>;
  submit: (found: FieldErrors<Field>, send: () => Promise<void>) => Promise<void>;
}

export function useDoorForm<Field extends string>(
  explain: (failure: Failure) => { errors?: FieldErrors<Field>; problem?: string },
): DoorForm<Field> {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<FieldErrors<Field>>({});
  const [problem, setProblem] = useState<string>();
  const summary = useRef<HTMLDivElement>(null);

  // A form that was refused says so where the reader is.
  useEffect(() => {
    if (problem || Object.keys(errors).length > 0) summary.current?.focus();
  }, [errors, problem]);

  async function submit(found: FieldErrors<Field>, send: () => Promise<void>) {
    setProblem(undefined);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await send();
    } catch (thrown) {
      const said = explain(Failure.from(thrown));
      setErrors(said.errors ?? {});
      setProblem(said.problem);
    } finally {
      setBusy(false);
    }
  }

  return { busy, errors, problem, summary, submit };
}

/**
 * What the server answers to what somebody types.
 *
 * It is asked once they pause for a moment. Until there is an answer to the last
 * question, that to an earlier one stands; one that came too late, or never,
 * changes nothing.
 */
import { useEffect, useRef, useState } from 'react';

/** Long enough that a word is typed whole, short enough not to be noticed. */
export const ASK_AFTER_MS = 150;

/** Without a question nothing is asked, and nothing is known. */
export function useAnswer<Answer>(
  question: string | undefined,
  ask: (question: string) => Promise<Answer>,
  afterMs = ASK_AFTER_MS,
): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>();
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (question === undefined) {
      setAnswer(undefined);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      latest.current(question).then(
        (answered) => current && setAnswer(answered),
        () => undefined,
      );
    }, afterMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [question, afterMs]);

  return answer;
}

/**
 * Begins the page anew when a part of the program did not come: a browser remembers
 * which one, and only a new page asks for it again. Not before there is who answers.
 */
import { api } from './api';

export async function startAnew(): Promise<never> {
  await api.door();
  location.reload();
  return new Promise(() => {});
}

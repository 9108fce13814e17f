import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../styles/tokens.css';
import '../styles/base.css';
import { feel } from '../services/feeling';
import { dress } from '../services/look';
import { release } from '../services/release';
import { App } from './App';
import { languageFor, speech } from './language';
import { Session } from './session';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const session = new Session();
const { settings } = session;
const wear = () => dress(settings.now(), { lang: speech.now(), dir: speech.direction });
const speak = () => speech.speak(languageFor(settings.now().language, navigator.languages));

settings.subscribe(() => {
  wear();
  void speak();
});
speech.subscribe(wear);
wear();
session.start();

// The page itself comes first. A browser that lets no worker in works as it did without one.
if (import.meta.env.PROD) addEventListener('load', () => void release.keepAtHand().catch(() => undefined));

// What happened before is remembered by the browser, so this can wait.
addEventListener('load', () => feel(session.felt, () => session.state().phase === 'in'));

// Nothing is shown in one language that would be in another a moment later.
await speak();

createRoot(root).render(
  <StrictMode>
    <App session={session} />
  </StrictMode>,
);

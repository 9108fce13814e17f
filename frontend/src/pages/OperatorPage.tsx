/** The operator's page: how the server is, who is on it, which rooms there are, and what operators did. */
import { ArrowLeft } from 'lucide-react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { operatorStrings } from '../app/operatorStrings';
import { strings } from '../app/strings';
import { AuditLog } from '../components/operator/AuditLog';
import { Now } from '../components/operator/Now';
import { People } from '../components/operator/People';
import { RoomTable } from '../components/operator/RoomTable';
import { useTitle } from '../hooks/useTitle';
import styles from './OperatorPage.module.css';

const PARTS = [
  ['now', '/admin'],
  ['people', '/admin/people'],
  ['rooms', '/admin/rooms'],
  ['log', '/admin/log'],
] as const;

export default function OperatorPage() {
  const [path] = useLocation();
  const words = operatorStrings();
  const part = PARTS.find(([, address]) => address === path)?.[0] ?? 'now';
  useTitle(`${words[part]} · ${words.title}`);
  return (
    <section className={styles.page} data-region="page">
      <header className={styles.head}>
        <Link href="/" className={styles.back} aria-label={strings.back}>
          <ArrowLeft size={18} aria-hidden />
        </Link>
        <h1 className={styles.title}>{words.title}</h1>
        <nav className={styles.parts} aria-label={words.parts}>
          {PARTS.map(([name, address]) => (
            <Link
              key={name}
              href={address}
              className={styles.part}
              aria-current={name === part ? 'page' : undefined}
            >
              {words[name]}
            </Link>
          ))}
        </nav>
      </header>
      <div className={styles.body}>
        <Switch>
          <Route path="/admin" component={Now} />
          <Route path="/admin/people" component={People} />
          <Route path="/admin/rooms" component={RoomTable} />
          <Route path="/admin/log" component={AuditLog} />
          <Route>
            <Redirect to="/admin" replace />
          </Route>
        </Switch>
      </div>
    </section>
  );
}

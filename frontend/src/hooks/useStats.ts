/** The numbers of the server for as long as the page is on the screen: in a hidden tab nobody looks. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { operatorApi } from '../services/operatorApi';
import type { Range } from '../stats/ranges';
import { StatsFeed } from '../stats/statsFeed';
import { useChat } from './useChat';

export function useStats(range: Range): StatsFeed {
  const { stats } = useChat();
  const [feed] = useState(
    () =>
      new StatsFeed({
        fetch: operatorApi.stats,
        watch: (heard) => stats.watch(heard),
        now: () => Date.now(),
      }),
  );
  useSyncExternalStore(feed.subscribe, feed.version);

  useEffect(() => feed.show(range), [feed, range]);

  useEffect(() => {
    const look = () => (document.hidden ? feed.stop() : feed.start());
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      feed.stop();
    };
  }, [feed]);

  return feed;
}

'use strict';

const TEXTS = {
  en: {
    skip: 'Skip to the figures', up: 'up', now: 'Now', answersPerSecond: 'Answers per second', sinceStart: 'since the start',
    latency99: 'Latency, 99th percentile', nearShare: 'From the near cache', registry: 'registry',
    registrationsPerSecond: 'Registrations per second', connections: 'Connections', serviceDay: 'Service level today',
    availability: 'availability', month: 'this month', last: 'Live', range: 'Time shown', topPrefixes: 'Busiest prefixes', prefix: 'Prefix',
    perSecond: 'per second', answers: 'Answers', mean: 'Mean', totals: 'Answers since the start', outcome: 'Outcome', share: 'Share',
    parts: 'Parts', faults: 'Recent faults', number: 'Number', time: 'Began', kind: 'Kind', cause: 'Cause', recovered: 'Over',
    noFaults: 'No faults this month or the last.', minutes: n => n + ' min', pause: 'Pause', go: 'Continue',
    theme: { auto: 'Theme: auto', light: 'Theme: light', dark: 'Theme: dark' }, language: '中文',
    ready: 'Ready', notReady: 'Not ready', away: 'No connection to the node', connecting: 'Connecting',
    outcomes: 'Answers per second by outcome', latency: 'Latency, milliseconds', sources: 'Where answers come from, per second',
    faces: 'Answers per second by face', registrations: 'Registrations per second by result',
    othersTogether: 'others together', open: 'not over', kinds: ['', 'network', 'system', 'attack', 'other'],
    redis: { none: 'none', connected: 'connected', away: 'away' }, registries: { embedded: 'embedded', remote: 'at another node' },
    sound: 'sound', part: {
      redis: 'Redis', registry: 'Registry', sequence: 'Last commit', records: 'Records', prefixRecords: 'Prefixes',
      nearCacheEntries: 'Near cache entries', heap: 'Heap', threads: 'Threads', load: 'Load' },
    since: (p50, p95, p99) => `Latency since the start: p50 ${p50}, p95 ${p95}, p99 ${p99} (each within 1/16)`,
    names: {
      RECORD: 'record', RECORD_REVOKED: 'revoked', REFERRAL: 'referral', NOT_FOUND: 'not found', NOT_RESPONSIBLE: 'not responsible',
      INVALID_IDENTIFIER: 'invalid', BUSY: 'busy', ERROR: 'error', NEAR_CACHE: 'near cache', REDIS: 'Redis', REGISTRY: 'registry',
      OTHER_NODE: 'other node', NONE: 'none', CREATED: 'created', UPDATED: 'updated', UNCHANGED: 'unchanged', CONFLICT: 'conflict',
      UNAUTHORISED: 'unauthorised', INVALID: 'invalid', RETRY: 'retry', protobuf: 'protobuf', http: 'HTTP', handle: 'Handle' },
    causes: {}
  },
  zh: {
    skip: '跳到数据', up: '已运行', now: '当前', answersPerSecond: '每秒解析应答', sinceStart: '自启动以来',
    latency99: '解析时延（P99）', nearShare: '近端缓存命中', registry: '注册库', registrationsPerSecond: '每秒注册', connections: '连接数',
    serviceDay: '今日服务水平', availability: '可用率', month: '本月', last: '实时', range: '时间范围', topPrefixes: '最活跃前缀',
    prefix: '前缀', perSecond: '每秒', answers: '应答数', mean: '平均', totals: '自启动以来的应答', outcome: '结果', share: '占比',
    parts: '组成部分', faults: '近期故障', number: '编号', time: '开始', kind: '类型', cause: '原因', recovered: '恢复',
    noFaults: '本月及上月没有故障。', minutes: n => n + ' 分钟', pause: '暂停', go: '继续',
    theme: { auto: '主题：自动', light: '主题：浅色', dark: '主题：深色' }, language: 'English',
    ready: '就绪', notReady: '未就绪', away: '与节点的连接已断开', connecting: '正在连接',
    outcomes: '每秒应答（按结果）', latency: '时延（毫秒）', sources: '每秒应答（按来源）', faces: '每秒应答（按协议）',
    registrations: '每秒注册（按结果）', othersTogether: '其余合计', open: '未恢复', kinds: ['', '网络', '系统', '攻击', '其他'],
    redis: { none: '未配置', connected: '已连接', away: '断开' }, registries: { embedded: '内嵌', remote: '在其他节点' },
    sound: '正常', part: {
      redis: 'Redis', registry: '注册库', sequence: '最后提交', records: '标识数', prefixRecords: '前缀数',
      nearCacheEntries: '近端缓存条目', heap: '堆内存', threads: '线程', load: '负载' },
    since: (p50, p95, p99) => `自启动以来的时延：P50 ${p50}，P95 ${p95}，P99 ${p99}（误差不超过 1/16）`,
    names: {
      RECORD: '已解析', RECORD_REVOKED: '已撤销', REFERRAL: '转介', NOT_FOUND: '未找到', NOT_RESPONSIBLE: '非本节点',
      INVALID_IDENTIFIER: '标识无效', BUSY: '繁忙', ERROR: '错误', NEAR_CACHE: '近端缓存', REDIS: 'Redis', REGISTRY: '注册库',
      OTHER_NODE: '其他节点', NONE: '无', CREATED: '新增', UPDATED: '更新', UNCHANGED: '未变', CONFLICT: '冲突', UNAUTHORISED: '未授权',
      INVALID: '无效', RETRY: '重试', protobuf: 'protobuf', http: 'HTTP', handle: 'Handle' },
    causes: {
      'Redis is away': 'Redis 断开', 'many requests that can\'t be understood': '大量无法识别的请求',
      'more connections than the node takes': '连接数超过上限', 'clients that take nothing of what they asked for': '客户端不接收应答',
      'more requests than the node can answer': '请求超过处理能力', 'look-ups that the node failed at': '解析失败',
      'the node ended without being told to': '节点异常终止' }
  }
};

const byId = id => document.getElementById(id);
const SAMPLES = 600;
const samples = [];
const charts = [];
let state = null;
let minutes = 5;
let paused = false;
let connected = null;
let language = remembered('language') || ((navigator.language || 'en').toLowerCase().startsWith('zh') ? 'zh' : 'en');
let theme = remembered('theme') || 'auto';

function remembered(name) {
  try { return localStorage.getItem('waymark.' + name); } catch (e) { return null; }
}

function remember(name, value) {
  try { localStorage.setItem('waymark.' + name, value); } catch (e) { /* A page without storage forgets. */ }
}

function t() { return TEXTS[language]; }

function named(name) { return t().names[name] || name; }

function whole(number) { return Math.round(number).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB'); }

function rate(number) {
  return number >= 10 || number === 0 ? whole(number) : number.toFixed(1);
}

function millis(value) {
  if (value === undefined) return '–';
  if (value < 0.1) return (value * 1000).toFixed(0) + ' µs';
  if (value < 10) return value.toFixed(2) + ' ms';
  return value < 1000 ? value.toFixed(0) + ' ms' : (value / 1000).toFixed(1) + ' s';
}

function percent(share, digits = 1) {
  if (share >= 1) return '100 %';
  // Never rounded up to what was not reached.
  const scale = Math.pow(10, digits);
  return (Math.floor(share * 100 * scale) / scale).toFixed(digits) + ' %';
}

function bytes(count) {
  return count >= 1 << 30 ? (count / (1 << 30)).toFixed(1) + ' GiB' : Math.round(count / (1 << 20)) + ' MiB';
}

function duration(ms) {
  const s = Math.floor(ms / 1000);
  const two = n => String(n).padStart(2, '0');
  const days = Math.floor(s / 86400);
  return (days ? days + (language === 'zh' ? ' 天 ' : ' d ') : '')
    + two(Math.floor(s / 3600) % 24) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
}

function clock(at) {
  const date = new Date(at);
  const two = n => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} `
    + `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function sum(counts) { return Object.values(counts).reduce((a, b) => a + b, 0); }

function text(id, value) {
  const element = byId(id);
  if (element.textContent !== value) element.textContent = value;
}

function big(id, value, unit) {
  const element = byId(id);
  element.textContent = value;
  if (unit) {
    const small = document.createElement('small');
    small.textContent = unit;
    element.append(small);
  }
}

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }

/* What each chart shows: series as [name, colour, value of a sample]. */
const pick = (group, names) => names.map(([name, colour]) => [name, colour, sample => sample[group][name] || 0]);
const CHARTS = {
  outcomes: {
    series: pick('outcomes', [['RECORD', 'c1'], ['NOT_FOUND', 'c2'], ['REFERRAL', 'c4'], ['RECORD_REVOKED', 'c3'],
      ['INVALID_IDENTIFIER', 'c5']]).concat([
      ['ERROR', 'c6', sample => (sample.outcomes.ERROR || 0) + (sample.outcomes.BUSY || 0)]]), height: 210, fill: true },
  latency: {
    series: ['p50', 'p95', 'p99'].map((name, i) => [name, ['c1', 'c2', 'c3'][i],
      sample => sample.resolve[name] === undefined ? null : sample.resolve[name]]), height: 180, log: true },
  sources: {
    series: pick('sources', [['NEAR_CACHE', 'c1'], ['REDIS', 'c2'], ['REGISTRY', 'c3'], ['OTHER_NODE', 'c4']]), height: 180 },
  faces: { series: pick('faces', [['protobuf', 'c1'], ['http', 'c2'], ['handle', 'c3']]), height: 180 },
  registrations: {
    series: pick('registrations', [['CREATED', 'c1'], ['UPDATED', 'c2'], ['UNCHANGED', 'c5'], ['CONFLICT', 'c3'],
      ['UNAUTHORISED', 'c6'], ['INVALID', 'c4']]), height: 180 }
};

function short(value) {
  if (value === null || value === undefined) return '';
  if (value >= 1e6) return +(value / 1e6).toFixed(1) + 'M';
  if (value >= 1e3) return +(value / 1e3).toFixed(1) + 'k';
  return String(+value.toPrecision(2));
}

function twoDigits(number) { return String(number).padStart(2, '0'); }

function powersOfTen(plot, axis, low, high) {
  const splits = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++) {
    splits.push(Math.pow(10, power));
  }
  return splits;
}

function axisTime(plot, splits) {
  return splits.map(at => {
    const date = new Date(at * 1000);
    if (minutes > 1 && date.getSeconds() !== 0) return '';
    const seconds = minutes === 1 ? ':' + twoDigits(date.getSeconds()) : '';
    return twoDigits(date.getHours()) + ':' + twoDigits(date.getMinutes()) + seconds;
  });
}

function draw() {
  charts.splice(0).forEach(chart => chart.plot.destroy());
  document.querySelectorAll('figure[data-chart]').forEach(figure => {
    const spec = CHARTS[figure.dataset.chart];
    figure.replaceChildren();
    const caption = document.createElement('figcaption');
    const title = document.createElement('span');
    title.textContent = t()[figure.dataset.chart];
    const legend = document.createElement('span');
    legend.className = 'legend';
    const values = spec.series.map(([name, tone]) => {
      const entry = document.createElement('span');
      const mark = document.createElement('i');
      mark.className = tone;
      const value = document.createElement('b');
      entry.append(mark, named(name) + ' ', value);
      legend.append(entry);
      return value;
    });
    caption.append(title, legend);
    const body = document.createElement('div');
    body.setAttribute('role', 'img');
    body.setAttribute('aria-label', t()[figure.dataset.chart]);
    figure.append(caption, body);
    const axis = {
      stroke: colour('soft'), grid: { stroke: colour('grid'), width: 1 }, ticks: { show: false },
      font: '11px system-ui, sans-serif'
    };
    const plot = new uPlot({
      width: Math.max(200, body.clientWidth), height: spec.height,
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: 'waymark' } },
      legend: { show: false },
      scales: {
        x: { time: true },
        y: spec.log ? { distr: 3, log: 10 } : { range: (plot, low, high) => [0, Math.max(4, high * 1.12)] }
      },
      axes: [
        Object.assign({}, axis, { grid: { show: false }, size: 28, values: axisTime, space: 60, incrs: [10, 30, 60, 120, 300] }),
        Object.assign({}, axis, { size: 46, values: (plot, splits) => splits.map(short) },
          spec.log ? { splits: powersOfTen } : {})
      ],
      series: [{}].concat(spec.series.map(([name, tone], i) => ({
        label: name, stroke: colour(tone), width: 1.75, points: { show: false }, spanGaps: true,
        fill: spec.fill && i === 0 ? colour(tone) + '18' : undefined
      }))),
      hooks: { setCursor: [plot => showValues(charts.find(chart => chart.plot === plot))] }
    }, [[]].concat(spec.series.map(() => [])), body);
    charts.push({ plot, spec, body, values, latency: figure.dataset.chart === 'latency' });
  });
  fillCharts();
}

function showValues(chart) {
  if (!chart) return;
  const data = chart.plot.data;
  const at = chart.plot.cursor.idx;
  const last = data[0].length - 1;
  chart.values.forEach((element, i) => {
    const value = data[i + 1][at === null || at === undefined ? last : at];
    element.textContent = value === undefined || value === null ? '–' : chart.latency ? millis(value) : whole(value);
  });
}

function fillCharts() {
  const shown = samples.slice(-60 * minutes);
  const times = shown.map(sample => sample.at / 1000);
  const end = times.length ? times[times.length - 1] : Date.now() / 1000;
  charts.forEach(chart => {
    const columns = chart.spec.series.map(([, , value]) => shown.map(value));
    chart.plot.batch(() => {
      chart.plot.setData([times].concat(columns), true);
      chart.plot.setScale('x', { min: end - 60 * minutes, max: end });
    });
    showValues(chart);
  });
}

function showNow() {
  const last = samples[samples.length - 1];
  if (!last) return;
  const answers = sum(last.outcomes);
  big('rate', rate(answers));
  big('p99', millis(last.resolve.p99));
  text('p50', millis(last.resolve.p50));
  text('p95', millis(last.resolve.p95));
  const recent = samples.slice(-10);
  const from = name => recent.reduce((all, sample) => all + (sample.sources[name] || 0), 0);
  const all = recent.reduce((total, sample) => total + sum(sample.sources), 0);
  const share = count => all === 0 ? '–' : percent(count / all);
  big('near', share(from('NEAR_CACHE')));
  text('redis-share', share(from('REDIS')));
  text('registry-share', share(from('REGISTRY') + from('OTHER_NODE')));
  big('registration-rate', rate(sum(last.registrations)));
  big('connections', whole(sum(last.connections)));
  text('connections-by-face', Object.entries(last.connections).map(([face, n]) => named(face) + ' ' + whole(n)).join(' · '));
}

function row(cells) {
  const tr = document.createElement('tr');
  cells.forEach(([value, kind]) => {
    const td = document.createElement('td');
    if (kind) td.className = kind;
    td.append(value);
    tr.append(td);
  });
  return tr;
}

function withBar(label, share) {
  const cell = document.createDocumentFragment();
  const bar = document.createElement('progress');
  bar.className = 'bar';
  bar.max = 1;
  bar.value = share;
  bar.setAttribute('aria-hidden', 'true');
  cell.append(label, bar);
  return cell;
}

function showState() {
  if (!state) return;
  text('prefix', state.prefix);
  document.title = 'Waymark ' + state.prefix;
  text('software', state.software);
  text('uptime', duration(state.upMillis));
  byId('reasons').hidden = state.ready;
  text('reasons', state.reasons.join(' · '));
  const totals = state.totals;
  const answered = sum(totals.outcomes);
  text('answers', whole(answered));
  byId('answers').dataset.value = answered;
  text('registrations', whole(sum(totals.registrations)));
  byId('registrations').dataset.value = sum(totals.registrations);
  big('day-answers', percent(state.day.answers, 3));
  text('day-availability', percent(state.day.availability, 3));
  text('month-answers', percent(state.month.answers, 3));
  text('month-availability', percent(state.month.availability, 3));

  const busiest = Math.max(1, ...state.prefixes.map(prefix => prefix.perSecond));
  byId('prefixes').tBodies[0].replaceChildren(...state.prefixes.map(prefix => row([
    [withBar(prefix.prefix || t().othersTogether, prefix.perSecond / busiest), 'code'], [rate(prefix.perSecond), 'n'],
    [whole(prefix.answers), 'n'], [millis(prefix.meanMillis), 'n']])));
  byId('totals').tBodies[0].replaceChildren(...Object.entries(totals.outcomes).sort((a, b) => b[1] - a[1]).map(([name, n]) => {
    const line = row([[named(name)], [whole(n), 'n'], [percent(n / answered, 2), 'n']]);
    line.dataset.outcome = name;
    line.dataset.value = n;
    return line;
  }));
  const since = totals.resolve;
  text('totals-latency', since.count ? t().since(millis(since.p50), millis(since.p95), millis(since.p99)) : '');
  byId('totals-latency').dataset.p50 = since.p50 || '';
  byId('totals-latency').dataset.p99 = since.p99 || '';
  showParts();
  byId('no-faults').hidden = state.faults.length > 0;
  byId('faults').hidden = state.faults.length === 0;
  byId('faults').tBodies[0].replaceChildren(...state.faults.map(fault => row([
    [fault.number, 'code'], [clock(fault.at), 'time'], [t().kinds[fault.kind]], [t().causes[fault.cause] || fault.cause],
    fault.recoveredAt ? [clock(fault.recoveredAt), 'time'] : [t().open, 'open']])));
}

function showParts() {
  const parts = [
    ['redis', t().redis[state.redis], { connected: 'good', away: 'bad' }[state.redis]],
    ['registry', t().registries[state.registry] + (state.reasons.length ? '' : ' · ' + t().sound), state.reasons.length ? 'bad' : 'good'],
    ['sequence', whole(state.sequence)]];
  if (state.records !== undefined) {
    parts.push(['records', whole(state.records)], ['prefixRecords', whole(state.prefixRecords)]);
  }
  parts.push(
    ['nearCacheEntries', whole(state.nearCacheEntries)], ['heap', bytes(state.heapUsed) + ' / ' + bytes(state.heapMax)],
    ['threads', whole(state.threads)], ['load', state.load < 0 ? '–' : state.load.toFixed(2)]);
  byId('parts').replaceChildren(...parts.flatMap(([name, value, tone]) => {
    const term = document.createElement('dt');
    term.textContent = t().part[name];
    const description = document.createElement('dd');
    description.textContent = value;
    if (tone) description.className = tone;
    return [term, description];
  }));
}

function showStatus() {
  const pill = byId('status');
  const isReady = connected && state && state.ready;
  pill.className = 'pill ' + (connected === null ? '' : isReady ? 'good' : 'bad');
  text('status-text', connected === null ? t().connecting : !connected ? t().away : isReady ? t().ready : t().notReady);
}

function showTexts() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.querySelectorAll('[data-t]').forEach(element => { element.textContent = t()[element.dataset.t]; });
  document.querySelectorAll('[data-l]').forEach(element => element.setAttribute('aria-label', t()[element.dataset.l]));
  document.querySelectorAll('[data-minutes]').forEach(button => {
    button.textContent = t().minutes(button.dataset.minutes);
    button.setAttribute('aria-pressed', String(+button.dataset.minutes === minutes));
  });
  text('pause', paused ? t().go : t().pause);
  text('language', t().language);
  byId('language').lang = language === 'zh' ? 'en' : 'zh-CN';
  text('theme', t().theme[theme]);
}

function showAll() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  showTexts();
  showStatus();
  showState();
  draw();
  showNow();
}

function take(sample) {
  samples.push(sample);
  if (samples.length > SAMPLES) samples.shift();
}

function listen() {
  const events = new EventSource('/events');
  events.addEventListener('history', event => {
    samples.length = 0;
    JSON.parse(event.data).forEach(take);
    connected = true;
    showStatus();
    fillCharts();
    showNow();
  });
  events.addEventListener('sample', event => {
    take(JSON.parse(event.data));
    if (paused) return;
    fillCharts();
    showNow();
  });
  events.addEventListener('state', event => {
    state = JSON.parse(event.data);
    connected = true;
    showStatus();
    if (!paused) showState();
  });
  events.onerror = () => {
    connected = false;
    showStatus();
  };
}

byId('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  remember('language', language);
  showAll();
});
byId('theme').addEventListener('click', () => {
  theme = { auto: 'light', light: 'dark', dark: 'auto' }[theme];
  remember('theme', theme);
  showAll();
});
byId('pause').addEventListener('click', () => {
  paused = !paused;
  byId('pause').setAttribute('aria-pressed', String(paused));
  showAll();
});
document.querySelectorAll('[data-minutes]').forEach(button => button.addEventListener('click', () => {
  minutes = +button.dataset.minutes;
  showTexts();
  fillCharts();
}));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
new ResizeObserver(() => charts.forEach(chart =>
  chart.plot.setSize({ width: Math.max(200, chart.body.clientWidth), height: chart.spec.height }))).observe(byId('main'));

const asked = new URLSearchParams(location.search);
if (TEXTS[asked.get('lang')]) language = asked.get('lang');
if (TEXTS.en.theme[asked.get('theme')]) theme = asked.get('theme');
showAll();
listen();

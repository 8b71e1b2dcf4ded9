package org.waymark.node.endpoint.http;

import java.util.Map;

/** The words of the pages, in one language. */
enum PageText {
    ENGLISH(
            "en",
            Map.ofEntries(
                    Map.entry("record", "Record"),
                    Map.entry("prefix", "Prefix record"),
                    Map.entry("revoked", "Revoked: this is no longer valid."),
                    Map.entry("revokedBy", "Revoked: the prefix or the key behind this identifier is no longer valid."),
                    Map.entry("referral", "Another node answers for this identifier."),
                    Map.entry("verified", "Verified"),
                    Map.entry(
                            "verifiedNote",
                            "This node has checked the signature and the chain up to its anchor. To rely on nobody, verify with"
                                    + " the command waymark."),
                    Map.entry("notVerified", "Not verified"),
                    Map.entry("values", "Values"),
                    Map.entry("index", "Index"),
                    Map.entry("type", "Type"),
                    Map.entry("data", "Data"),
                    Map.entry("noValues", "The record has no values."),
                    Map.entry("withheld", "values are not shown, out of"),
                    Map.entry("signedBy", "Signed by"),
                    Map.entry("key", "Key"),
                    Map.entry("signedAt", "Signed at"),
                    Map.entry("version", "Version"),
                    Map.entry("expires", "Expires"),
                    Map.entry("chain", "Chain, from the anchor"),
                    Map.entry("scheme", "Scheme"),
                    Map.entry("bytes", "bytes"),
                    Map.entry("name", "Name"),
                    Map.entry("registration", "Registration number"),
                    Map.entry("contact", "Contact"),
                    Map.entry("industry", "Industry"),
                    Map.entry("as", "This record as"),
                    Map.entry("problem", "No record"))),
    CHINESE(
            "zh",
            Map.ofEntries(
                    Map.entry("record", "标识记录"),
                    Map.entry("prefix", "前缀记录"),
                    Map.entry("revoked", "已撤销：该标识不再有效。"),
                    Map.entry("revokedBy", "已撤销：该标识的前缀或签名密钥不再有效。"),
                    Map.entry("referral", "该标识由另一个节点解析。"),
                    Map.entry("verified", "已验证"),
                    Map.entry("verifiedNote", "本节点已核对签名以及直到信任锚的整条链。如不依赖任何节点，请用 waymark 命令自行验证。"),
                    Map.entry("notVerified", "未通过验证"),
                    Map.entry("values", "数据项"),
                    Map.entry("index", "索引"),
                    Map.entry("type", "类型"),
                    Map.entry("data", "数据"),
                    Map.entry("noValues", "该记录没有数据项。"),
                    Map.entry("withheld", "项未显示，总数为"),
                    Map.entry("signedBy", "签名方"),
                    Map.entry("key", "密钥"),
                    Map.entry("signedAt", "签名时间"),
                    Map.entry("version", "版本"),
                    Map.entry("expires", "有效期至"),
                    Map.entry("chain", "信任链（自信任锚起）"),
                    Map.entry("scheme", "标识体系"),
                    Map.entry("bytes", "字节"),
                    Map.entry("name", "名称"),
                    Map.entry("registration", "登记号"),
                    Map.entry("contact", "联系方式"),
                    Map.entry("industry", "行业"),
                    Map.entry("as", "此记录的其他格式"),
                    Map.entry("problem", "没有记录")));

    private final String language;
    private final Map<String, String> words;

    PageText(String language, Map<String, String> words) {
        this.language = language;
        this.words = words;
    }

    /** The words of this language; English where there is no such. */
    static PageText of(String language) {
        return language.equals(CHINESE.language) ? CHINESE : ENGLISH;
    }

    String language() {
        return language;
    }

    String get(String name) {
        String word = words.get(name);
        if (word == null) {
            throw new IllegalArgumentException("no word in " + language + " for " + name);
        }
        return word;
    }
}
